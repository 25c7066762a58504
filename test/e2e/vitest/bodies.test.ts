import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cases, expectCase, options, retried, testFile } from '../cases/bodies.js'
import { Project } from './project.js'
import { runnable } from './versions.js'

beforeAll(() => runnable.forEach(([, vitest]) => void vitest()), 600_000)

test.each(runnable)(
  'Vitest %s measures every body and nothing else',
  async (_, vitest) => {
    using project = new Project('bracket', vitest())
    const config = `
    import { heapproof } from 'heapproof/vitest'
    export default { plugins: [heapproof(${JSON.stringify(options)})] }
  `
    writeFileSync(join(project.root, 'vitest.config.ts'), config)
    writeFileSync(join(project.root, 'bodies.test.js'), testFile('vitest', [...cases, ...retried]))
    const { tests, output } = await project.run('bodies.test.js')
    expect(tests.size, output).toBe(cases.length + retried.length)
    for (const each of [...cases, ...retried]) {
      try {
        expectCase('vitest', each, tests.get(each.name))
      } catch (error) {
        ;(error as Error).message = `${each.name}: ${(error as Error).message}`
        throw error
      }
    }
  },
  120_000,
)

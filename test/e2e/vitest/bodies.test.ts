import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cases, concurrent, expectCase, options, retried, testFile } from '../cases/bodies.js'
import { Project } from './project.js'
import { runnable } from './versions.js'

beforeAll(() => runnable.forEach(([, vitest]) => void vitest()), 600_000)

/** In these pools an import of a module of Node is a copy of it, made when it was first imported. */
const fromNode = (name: string) => `process.getBuiltinModule('${name}')`

const kinds = runnable.flatMap(([version, vitest]) =>
  ['forks', 'threads', 'vmForks', 'vmThreads'].map((pool) => ({ version, pool, vitest })),
)

test.each(kinds)(
  'Vitest $version measures every body and nothing else in $pool',
  async ({ vitest, pool }) => {
    const builtin = pool.startsWith('vm') ? fromNode : undefined
    using project = new Project('bracket', vitest())
    const config = `
    import { heapproof } from 'heapproof/vitest'
    export default { plugins: [heapproof(${JSON.stringify(options)})] }
  `
    writeFileSync(join(project.root, 'vitest.config.ts'), config)
    writeFileSync(join(project.root, 'bodies.test.js'), testFile('vitest', [...cases, ...retried], builtin))
    writeFileSync(join(project.root, 'beside.test.js'), testFile('vitest', concurrent))
    const { tests, output } = await project.run('bodies.test.js', 'beside.test.js', `--pool=${pool}`)
    const all = [...cases, ...retried, ...concurrent]
    expect(tests.size, output).toBe(all.length)
    for (const each of all) {
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

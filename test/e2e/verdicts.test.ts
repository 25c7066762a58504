import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { INSTALLING, Project as JestProject, prepare, versions } from './jest/project.js'
import { Project, repository } from './vitest/project.js'
import { runnable } from './vitest/versions.js'

const OPTION = '--no-concurrent-recompilation'

/** Test files that ask how their process was started. In a worker thread the options of V8 are those of the process. */
const asking = (head: string) => `${head}
  test('started', () => { throw new Error('with ' + process.execArgv.join(' ') + ';') })`

describe.each(['vitest', 'jest'])('%s', (runner) => {
  // The issue of all this: a suite that passed passes again. Sixty tests here; the script has 200.
  test('tests with a limit a tenth above their first reading pass in each run', {
    retry: 0,
    timeout: 300_000,
  }, async () => {
    const script = join(repository, 'benchmark/verdicts.mjs')
    const child = spawn(process.execPath, [script, '--runner', runner, '--files', '3', '--runs', '3'])
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(output).toContain(`${runner}: of 60 tests 0 had another verdict in 3 runs`)
    expect(code, output).toBe(0)
  })
})

describe('processes of tests wait for the compiler, unless they are not to', () => {
  beforeAll(() => {
    for (const [, vitest] of runnable) vitest()
    versions.forEach(prepare)
  }, 4 * INSTALLING)

  test.each(runnable)('Vitest %s', async (_, vitest) => {
    using project = new Project('empty', vitest())
    writeFileSync(join(project.root, 'one.test.js'), asking("import { test } from 'vitest'"))
    const run = async (options: string) => {
      writeFileSync(
        join(project.root, 'vitest.config.ts'),
        `import { heapproof } from 'heapproof/vitest'\nexport default { plugins: [heapproof(${options})] }\n`,
      )
      return (await project.run('--pool=forks')).tests.get('started')?.message
    }
    expect(await run('')).toContain(OPTION)
    expect(await run('{ steady: false }')).toMatch(/^Error: with (?!.*concurrent).*;/)
  })

  test.each(versions)('Jest %i, also with few and fast tests', async (version) => {
    const config = (options: string) => `const { withHeapproof } = require('heapproof/jest/config')
      module.exports = withHeapproof({ reporters: ['./outcomes.cjs'] }, ${options})`
    using project = new JestProject(version, { 'one.test.js': asking(''), 'jest.config.js': config('{}') })
    const message = async (...args: string[]) => (await project.run(args)).tests.get('started')?.message
    expect(await message()).toContain(OPTION)
    expect(await message('--runInBand')).toMatch(/^Error: with .*;/)
    project.write('jest.config.js', config('{ steady: false }'))
    expect(await message()).toMatch(/^Error: with (?!.*concurrent).*;/)
  })
})

import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { INSTALLING, Project as JestProject, prepare, versions } from './jest/project.js'
import { Project, repository } from './vitest/project.js'
import { runnable } from './vitest/versions.js'

const OPTION = '--no-concurrent-recompilation'

/** Test files that ask how their process was started. In a worker thread the options of V8 are those of the process. */
const asking = (head: string) => `${head}
  test('says', () => { throw new Error('with ' + process.execArgv.join(' ') + ';') })`

/** What a process of tests is started with to note each call that asks V8 to put collections off. */
const NOTING = `const { dlopen } = process
process.dlopen = function (module, ...rest) {
  const result = dlopen.call(this, module, ...rest)
  const { postponeCollections } = module.exports
  if (postponeCollections) module.exports.postponeCollections = () => {
    require('node:fs').appendFileSync(__dirname + '/postponed', '.')
    return postponeCollections()
  }
  return result
}`

beforeAll(() => {
  for (const [, vitest] of runnable) vitest()
  versions.forEach(prepare)
}, 4 * INSTALLING)

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
  test.each(runnable)('Vitest %s', async (_, vitest) => {
    using project = new Project('empty', vitest())
    const message = (options: string) => messageOfVitest(project, options)
    expect(await message('')).toContain(OPTION)
    expect(await message('{ steady: false }')).toMatch(/^Error: with (?!.*concurrent).*;/)
  })

  test.each(versions)('Jest %i, also with few and fast tests', async (version) => {
    using project = new JestProject(version, {})
    const message = (options: string, ...args: string[]) => messageOfJest(project, options, args)
    expect(await message('{}')).toContain(OPTION)
    expect(await message('{}', '--runInBand')).toMatch(/^Error: with .*;/)
    expect(await message('{ steady: false }')).toMatch(/^Error: with (?!.*concurrent).*;/)
  })
})

// A collection of the whole heap throws optimised code away, at a time that depends on the machine.
describe('for each test V8 is asked to put such collections off, unless tests are not to be steady', () => {
  test.each(runnable)('Vitest %s', async (_, vitest) => {
    using project = new Project('empty', vitest())
    const noted = notedIn(project.root)
    await messageOfVitest(project, '', noted.variables)
    expect(noted.calls()).toBe(2) // one for the file
    await messageOfVitest(project, '{ steady: false }', noted.variables)
    expect(noted.calls()).toBe(0)
  })

  test.each(versions)('Jest %i', async (version) => {
    using project = new JestProject(version, {})
    const noted = notedIn(project.root)
    for (const args of [[], ['--runInBand']]) {
      await messageOfJest(project, '{}', args, noted.variables)
      expect(noted.calls()).toBe(2)
    }
    await messageOfJest(project, '{ steady: false }', [], noted.variables)
    expect(noted.calls()).toBe(0)
  })
})

/** Environment variables that have the processes of a project note such calls, and how many there were since it was asked last. */
function notedIn(root: string) {
  const [hook, file] = [join(root, 'noting.cjs'), join(root, 'postponed')]
  writeFileSync(hook, NOTING)
  return {
    variables: { NODE_OPTIONS: `--require ${hook}` },
    calls() {
      const calls = existsSync(file) ? readFileSync(file, 'utf8').length : 0
      rmSync(file, { force: true })
      return calls
    },
  }
}

/** With what the test of such a file failed. */
async function messageOfVitest(
  project: Project,
  options: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  writeFileSync(join(project.root, 'one.test.js'), asking("import { test } from 'vitest'"))
  writeFileSync(
    join(project.root, 'vitest.config.ts'),
    `import { heapproof } from 'heapproof/vitest'\nexport default { plugins: [heapproof(${options})] }\n`,
  )
  return said((await project.run('--pool=forks', variables)).tests)
}

async function messageOfJest(
  project: JestProject,
  options: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  project.write('one.test.js', asking(''))
  project.write(
    'jest.config.js',
    `const { withHeapproof } = require('heapproof/jest/config')
    module.exports = withHeapproof({ reporters: ['./outcomes.cjs'] }, ${options})`,
  )
  return said((await project.run(args, variables)).tests)
}

function said(tests: ReadonlyMap<string, { message?: string | undefined }>): string {
  return tests.get('says')?.message ?? ''
}

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { INSTALLING, Project, prepare, versions } from './project.js'

const HEAPPROOF = `const { withHeapproof } = require('heapproof/jest/config')`
const TAKES = `
  const kept = []
  test('takes', () => { kept.push(Buffer.alloc(4e6)) })
  test('takes more', () => { kept.push(Buffer.alloc(8e6)) })
`
const megabytes = (record: { arrayBuffers: number } | undefined) =>
  Math.floor((record?.arrayBuffers ?? -1e6) / 1e6)

describe.each(versions)('Jest %i', (version) => {
  beforeAll(() => prepare(version), INSTALLING)

  test('preset: a report, the matchers, heapLimit', async () => {
    using project = new Project(version, {
      'jest.config.js': `module.exports = { preset: 'heapproof' }`,
      'takes.test.js': `${TAKES}
        test('matcher', () => { expect(() => {}).toAllocateNothing() })
        test('limit', () => { require('heapproof/jest').heapLimit({ allocated: '1MB' }); kept.push(Buffer.alloc(2e6)) })`,
    })
    const { code, stdout, stderr } = await project.run()
    expect(code).toBe(1)
    expect(stderr).toContain('heapLimit({"allocated": "1MB"})')
    expect(stderr).toMatch(/ heapproof: 4 tests allocated 14(\.\d+)? MB/)
    expect(stderr).toContain('takes.test.js:4  takes more')
    expect(stdout).toBe('')
    expect(readFileSync(join(project.root, '.heapproof/index.html'), 'utf8')).toContain('takes more')
    expect(existsSync(join(project.root, '.heapproof/takes.test.js/limit.hpm'))).toBe(true)
  })

  test('stdout is for --json, and every option of the report has its effect', async () => {
    const report = { json: 'memory.json', html: false, top: 1 }
    using project = new Project(version, {
      'jest.config.js': `${HEAPPROOF}
        module.exports = withHeapproof({}, ${JSON.stringify({ report, limits: { allocated: '6MB' } })})`,
      'takes.test.js': TAKES,
    })
    const summary = join(project.root, 'summary.md')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: project.root }
    const { stdout, stderr } = await project.run(['--json', '--silent'], env)
    expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 1, numFailedTests: 1 })
    expect(stderr).toMatch(
      /^::error file=takes\.test\.js,line=4,col=\d+,title=Limit of allocated bytes exceeded::takes more \(takes\.test\.js:4\): /m,
    )
    expect(stderr).toContain('heapproof: 2 tests allocated')
    expect(readFileSync(summary, 'utf8')).toContain('takes more')
    expect(JSON.parse(readFileSync(join(project.root, 'memory.json'), 'utf8'))).toMatchObject({ version: 1 })
    expect(existsSync(join(project.root, '.heapproof/index.html'))).toBe(false)
  })

  test.each([
    { asked: '{}', options: '{ report: { html: false } }', line: 3 },
    { asked: '{}', options: '{ report: false }', line: undefined },
    { asked: '{ testLocationInResults: true }', options: '{ report: false }', line: 3 },
    { asked: '{ testLocationInResults: false }', options: '{ report: { html: false } }', line: undefined },
  ])(
    'where tests stand is known for a report, or as asked: $asked, $options',
    async ({ asked, options, line }) => {
      using project = new Project(version, {
        'jest.config.js': `${HEAPPROOF}
        module.exports = withHeapproof({ ...${asked}, reporters: ['default', './lines.cjs'] }, ${options})`,
        'lines.cjs': `module.exports = class {
        onRunComplete(_, { testResults: [{ testResults: [test] }] }) {
          process.stderr.write('line of ' + test.title + ': ' + test.location?.line + '\\n')
        }
      }`,
        'takes.test.js': TAKES,
      })
      const { stderr } = await project.run()
      expect(stderr).toContain(`line of takes: ${line}\n`)
    },
  )

  test('profiles are kept as asked, and the oldest are removed with a word', async () => {
    const profile = (maxSize: string) =>
      `${HEAPPROOF}; module.exports = withHeapproof({}, { profile: { keep: 'all', maxSize: '${maxSize}' } })`
    using project = new Project(version, { 'jest.config.js': profile('1MB'), 'takes.test.js': TAKES })
    const kept = () => readdirSync(join(project.root, '.heapproof/takes.test.js')).sort()
    await project.run()
    const files = ['takes-more', 'takes'].flatMap((name) =>
      ['hpd', 'hpm', 'html'].map((end) => `${name}.${end}`),
    )
    expect(kept()).toEqual(files)
    project.write('jest.config.js', profile('1kB'))
    const { stderr } = await project.run()
    expect(stderr).toContain('heapproof: profiles took more than maxSize, 1 kB: the 2 oldest were removed\n')
    expect(kept()).toEqual([])
  })

  test('limits by glob, over those for all', async () => {
    const options = {
      limits: { allocated: '1MB' },
      limitsFor: [{ files: 'large/**', limits: { allocated: '5MB' } }],
      report: false,
    }
    using project = new Project(version, {
      'jest.config.js': `${HEAPPROOF}; module.exports = withHeapproof({ reporters: ['./outcomes.cjs'] }, ${JSON.stringify(options)})`,
      'large/takes.test.js': TAKES,
    })
    const { tests } = await project.run()
    expect(tests.get('takes')).toMatchObject({ status: 'passed' })
    expect(tests.get('takes more')?.message).toContain('{"allocated": "5MB"}')
  })

  test('an option it does not know is an error before any test runs', async () => {
    using project = new Project(version, {
      'jest.config.js': `${HEAPPROOF}; module.exports = withHeapproof({}, { limit: 1 })`,
      'takes.test.js': TAKES,
    })
    const { code, stderr } = await project.run()
    expect(code).toBe(1)
    expect(stderr).toContain('withHeapproof(): unknown option "limit"; did you mean "limits"?')
    expect(stderr).not.toContain('takes')
  })

  test('what is in the configuration stays: set-up files, environment, globals, reporters', async () => {
    using project = new Project(version, {
      'jest.config.mjs': `
        import { withHeapproof } from 'heapproof/jest/config'
        export default withHeapproof(async () => ({
          setupFiles: ['./first.js'],
          setupFilesAfterEnv: ['./setup.js'],
          testEnvironment: './environment.js',
          globals: { theirs: 1 },
          globalSetup: './global.js',
          reporters: ['default', './outcomes.cjs'],
        }))`,
      'first.js': 'global.first = 1',
      'setup.js': `beforeEach(() => { global.prepared = 1 })`,
      'global.js': 'module.exports = () => { process.env.GLOBAL_SETUP = "1" }',
      'environment.js': `
        const { TestEnvironment } = require(require.resolve('jest-environment-node', {
          paths: [require('node:fs').realpathSync(require.resolve('jest/package.json')) + '/../..'],
        }))
        module.exports = class extends TestEnvironment {
          constructor(...given) { super(...given); this.global.events = [] }
          async handleTestEvent(event) { this.global.events.push(event.name) }
        }`,
      'takes.test.js': `${TAKES}
        test('all there', () => {
          expect([first, prepared, theirs, process.env.GLOBAL_SETUP]).toEqual([1, 1, 1, '1'])
          expect(events).toContain('test_fn_success')
          expect(typeof __heapproof__).toBe('undefined')
        })`,
    })
    const { tests, stderr } = await project.run()
    expect(tests.get('all there'), stderr).toMatchObject({ status: 'passed', message: '' })
    expect(megabytes(tests.get('takes')?.record)).toBe(4)
    expect(stderr).toContain('heapproof: 3 tests allocated')
    expect(stderr).not.toContain('Validation Warning')
  })

  test('with a test runner of their own the matchers are left', async () => {
    using project = new Project(version, {
      'jest.config.js': `${HEAPPROOF}
        module.exports = withHeapproof({ testRunner: './own.js', reporters: ['./outcomes.cjs'] }, { report: false })`,
      'own.js': `module.exports = require(require.resolve('jest-circus/runner', {
        paths: [require('node:fs').realpathSync(require.resolve('jest/package.json')) + '/..',
          require('node:fs').realpathSync(require.resolve('jest/package.json')) + '/../..'],
      }))`,
      'takes.test.js': `${TAKES}
        test('matcher', () => { expect(() => {}).toAllocateNothing() })
        test('limit', () => { require('heapproof/jest').heapLimit({ allocated: 1 }) })`,
    })
    const { tests, stderr } = await project.run()
    expect(tests.get('matcher'), stderr).toMatchObject({ status: 'passed' })
    expect(tests.get('takes')?.record).toBeUndefined()
    expect(tests.get('limit')?.message).toContain('heapLimit(): no test is being measured here')
  })

  test('several projects: each has its records, its name and its root', async () => {
    using project = new Project(version, {
      'jest.config.js': `${HEAPPROOF}
        module.exports = withHeapproof({
          projects: [
            { displayName: 'one', rootDir: './a' },
            { displayName: 'two', rootDir: './b', testEnvironment: 'jsdom' },
          ],
          reporters: ['default', './outcomes.cjs'],
        }, { limits: { allocated: '6MB' } })`,
      'a/takes.test.js': TAKES,
      'b/small.test.js': `test('small', () => { expect(document.title).toBe('') })`,
    })
    const { tests, stderr } = await project.run()
    expect(tests.get('small')?.record, stderr).toMatchObject({ version: 1 })
    expect(tests.get('takes more')).toMatchObject({ status: 'failed' })
    expect(stderr).toContain('heapproof: 3 tests allocated')
    expect(existsSync(join(project.root, 'a/.heapproof/one/takes.test.js/takes-more.hpm'))).toBe(true)
    expect(stderr).not.toContain('Validation Warning')
  })

  test('without injected globals: imports alone have them', async () => {
    using project = new Project(version, {
      'jest.config.js': `${HEAPPROOF}
        module.exports = withHeapproof({ injectGlobals: false, reporters: ['./outcomes.cjs'] }, { report: false })`,
      'imports.test.js': `
        const { expect, test } = require('@jest/globals')
        const { heapLimit } = require('heapproof/jest')
        const kept = []
        test('matcher', () => { expect(() => {}).toAllocateNothing() })
        test('limit', () => { heapLimit({ allocated: '1MB' }); kept.push(Buffer.alloc(2e6)) })
        test('unawaited', () => { expect(async () => { kept.push({}) }).toAllocateNothing() })
        test('none is global', () => { expect([typeof globalThis.expect, typeof globalThis.afterEach]).toEqual(['undefined', 'undefined']) })`,
    })
    const { tests, stderr } = await project.run()
    expect(tests.get('matcher'), stderr).toMatchObject({ status: 'passed', record: { version: 1 } })
    expect(tests.get('limit')?.message).toContain('heapLimit({"allocated": "1MB"})')
    expect(tests.get('unawaited')?.message).toContain('toAllocateNothing()')
    expect(tests.get('none is global')).toMatchObject({ status: 'passed' })
  })

  test.each([
    [
      true,
      /^HeapproofError: heapproof has no native part for this Node .* Build it .* with "npx node-gyp rebuild"\.$/,
    ],
    [
      false,
      /^heapproof has no native part .* "npx node-gyp rebuild"\. The tests run without being measured\.$/,
    ],
  ])('a Node without an addon is one sentence; required: %s', async (required, sentence) => {
    using project = new Project(version, {
      'jest.config.js': `${HEAPPROOF}
        module.exports = withHeapproof({ reporters: ['default', './outcomes.cjs'] }, { required: ${required}, limits: { allocated: 1 } })`,
      'runs.test.js': `
        const { heapLimit } = require('heapproof/jest')
        test('runs', async () => {
          heapLimit({ allocated: 1 })
          let calls = 0
          expect(() => calls++).toAllocateLessThan(1)
          expect(() => calls++).not.toAllocateLessThan(1)
          await expect(async () => calls++).toAllocateNothing()
          expect(calls).toBe(3)
        })`,
    })
    rmSync(join(project.root, 'node_modules/heapproof/build'), { recursive: true })
    const { code, tests, stderr } = await project.run()
    const said = stderr.split('\n').filter((line) => line.includes('no native part'))
    expect(
      said.map((line) => line.trim()),
      stderr,
    ).toEqual([expect.stringMatching(sentence)])
    expect(code).toBe(required ? 1 : 0)
    expect(tests.get('runs')?.status).toBe(required ? undefined : 'passed')
    expect(tests.get('runs')?.record).toBeUndefined()
  })
})

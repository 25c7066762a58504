import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LEAKS, leakingFiles, leaksAreNamed } from '../cases/leaks.js'
import { INSTALLING, Project, prepare, type Run, versions } from './project.js'

const fixture = join(dirname(fileURLToPath(import.meta.url)), 'fixtures/matchers')
const files = Object.fromEntries(
  readdirSync(fixture).map((name) => [name, readFileSync(join(fixture, name), 'utf8')]),
)

describe.each(versions)('Jest %i, by a set-up file alone', (version) => {
  let project: Project
  let run: Run
  beforeAll(async () => {
    prepare(version)
    project = new Project(version, files)
    run = await project.run()
  }, INSTALLING)
  afterAll(() => project[Symbol.dispose]())

  const failed = (name: string): string => {
    expect(run.tests.get(name)?.status, run.stderr).toBe('failed')
    return run.tests.get(name)?.message ?? ''
  }
  const lineOf = (file: string, text: string) =>
    (files[file] ?? '').split('\n').findIndex((line) => line.includes(text)) + 1

  test.each([
    'nothing',
    'nothing at all',
    'below',
    'below, later',
    'not below',
    'nothing stays',
    'below the peak',
    'without what is ignored',
  ])('passes: %s', (name) => {
    expect(run.tests.get(name), run.stderr).toEqual({ status: 'passed', message: '' })
  })

  test.each(['over', 'over, later'])('fails with lines and a profile: %s', (name) => {
    const line = lineOf('rows.js', 'a line that allocates')
    const base = `.heapproof/rows.test.js/${name.replace(', ', '-')}`
    const message = failed(name)
    expect(message).toMatch(
      /^Error: expect\(received\)\.toAllocateLessThan\("50kB"\)\n\n {4}limit {7}50 kB\n/,
    )
    expect(message).toMatch(new RegExp(`makeRows +rows\\.js:${line}:\\d+$`, 'm'))
    expect(message).toContain(`\n    Open it: npx heapproof top ${base}\n`)
    expect(existsSync(join(project.root, `${base}.hpm`))).toBe(true)
  })

  test('fails with the same sentences as in Vitest', () => {
    expect(failed('something')).toMatch(
      /^Error: expect\(received\)\.toAllocateNothing\(\)\n\n {4}limit {7}0 B\n {4}allocated {3}/,
    )
    const leak = failed('a cache entry stays')
    expect(leak).toMatch(/^ {4}retained {3}[\d.]+ k?B a call {3}\(.*; it grew in each\)$/m)
    expect(leak).toMatch(new RegExp(` work\\.js:${lineOf('work.js', 'leaks into a cache')}:\\d+$`, 'm'))
    expect(leak).toContain('Open it: npx heapproof top .heapproof/matchers.test.js/a-cache-entry-stays\n')
    const peak = failed('over the peak')
    expect(peak).toMatch(/^ {4}peak {4}[\d.]+ MB, within [\d.]+ [kM]?B {3}\(reachable at once; /m)
    expect(peak).toMatch(new RegExp(` work\\.js:${lineOf('work.js', 'is live at the peak')}:\\d+$`, 'm'))
  })

  test('says what is wrong with how it is called', () => {
    expect(failed('bad limit')).toContain('HeapproofError: toAllocateLessThan: limit: expected a number')
    expect(failed('resolves')).toContain('toAllocateNothing: .resolves gave 42, and no function')
  })
})

// V8 says of code that it put into our own functions at which offset of its text it stood, not in which file.
test.each(LEAKS)(
  'the lines of a file are not those of one before it in the same worker: %s',
  async (_, leak) => {
    using project = new Project(30, {
      ...leakingFiles(leak, (module) => `const { work } = require('${module}')`),
      'jest.config.js': `const { withHeapproof } = require('heapproof/jest/config')
      module.exports = withHeapproof({ reporters: ['./outcomes.cjs'] }, { report: false, profile: false })`,
    })
    const run = await project.run(['-i'])
    leaksAreNamed(run.tests, run.stderr)
  },
  300_000,
)

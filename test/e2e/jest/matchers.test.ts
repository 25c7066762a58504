import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
test('the lines of a file are not those of one before it in the same worker that reads alike', async () => {
  const work = 'const kept = []\nexports.work = () => {\n  kept.push([1, 2, 3, 4])\n}\n'
  const names = ['a', 'b', 'c']
  const texts = names.flatMap((name) => [
    [`${name}.cjs`, work],
    [
      `${name}.test.js`,
      `const { work } = require('./${name}.cjs')
      test('${name}', async () => { await expect(work).toRetainLessThan('10 B') }, 60_000)`,
    ],
  ])
  using project = new Project(30, {
    ...Object.fromEntries(texts),
    'jest.config.js': `const { withHeapproof } = require('heapproof/jest/config')
      module.exports = withHeapproof({ reporters: ['./outcomes.cjs'] }, { report: false, profile: false })`,
  })
  const run = await project.run(['-i'])
  for (const name of names) {
    const message = run.tests.get(name)?.message ?? run.stderr
    expect(message).toMatch(new RegExp(` exports\\.work +${name}\\.cjs:3:\\d+$`, 'm'))
    for (const other of names.filter((each) => each !== name)) expect(message).not.toContain(`${other}.cjs`)
  }
}, 300_000)

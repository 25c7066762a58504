import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonReport } from '../../../src/core/report/json.js'
import { checkReportOptions, type ReportOptions } from '../../../src/core/report/options.js'
import { reported } from '../../../src/core/report/rebase.js'
import { reportRun } from '../../../src/core/report/report-run.js'
import { folderWith } from '../../support/command-line.js'
import { anyOutcome, FULL, outcome, ROOT, summaryOf } from './outcomes.js'

function run(root: string, options: ReportOptions = {}, env: Record<string, string> = {}, outcomes = FULL) {
  const runner = { runner: 'vitest', runnerVersion: '4.1.12', coverage: false, reproducible: false }
  return reportRun(outcomes, options, { root, cwd: root, env, now: new Date('2026-01-02T03:04:05Z'), runner })
}

test('writes the page and the report, and nothing else that nobody asked for', () => {
  const root = folderWith()
  const { text, warnings } = run(root)
  expect(text.at(-1)).toBe('   All tests: .heapproof/index.html')
  expect(text.length).toBeLessThanOrEqual(24)
  expect(warnings).toEqual([])
  expect(readdirSync(root)).toEqual(['.heapproof'])
  expect(readdirSync(join(root, '.heapproof')).sort()).toEqual(['.gitignore', 'index.html', 'report.json'])
  const report = JSON.parse(readFileSync(join(root, '.heapproof/report.json'), 'utf8'))
  expect(report.tests).toHaveLength(FULL.length)
  expect(report.environment).toMatchObject({ runner: 'vitest', node: process.versions.node, coverage: false })
})

test('annotates nothing outside of GitHub, nor when it was told not to', () => {
  const root = folderWith()
  const file = join(root, 'summary.md')
  const github = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: root, GITHUB_STEP_SUMMARY: file }
  const commands = (options: ReportOptions, env: Record<string, string>) =>
    run(root, options, env).text.filter((line) => line.startsWith('::')).length
  expect(commands({}, { GITHUB_STEP_SUMMARY: file })).toBe(0)
  expect(commands({ github: false }, github)).toBe(0)
  expect(existsSync(file)).toBe(false)
  expect(commands({}, github)).toBe(2)
  expect(readFileSync(file, 'utf8')).toContain('## Memory of the tests')
})

test('of a run without records nothing is said, and only what was asked for is written', () => {
  const root = folderWith()
  const nothing = [outcome('in a browser', null)]
  expect(run(root, { json: 'a/b.json' }, { GITHUB_ACTIONS: 'true' }, nothing)).toEqual({
    text: [],
    warnings: [],
  })
  expect(readdirSync(root)).toEqual(['a'])
  expect(JSON.parse(readFileSync(join(root, 'a/b.json'), 'utf8')).tests).toHaveLength(1)
})

test('what cannot be written is a warning each, and the rest is reported', () => {
  const root = folderWith({ '.heapproof': 'a file', json: 'a file' })
  const { text, warnings } = run(root, { json: 'json/below.json' })
  expect(text.join('\n')).toContain('4 tests allocated 492 MB')
  expect(text.join('\n')).not.toContain('index.html')
  expect(warnings).toEqual([
    expect.stringMatching(/^heapproof: cannot write the report \/.*json\/below\.json: E/),
    expect.stringMatching(/^heapproof: cannot write the page \/.*index\.html: E/),
  ])
})

test('without the report and the page nothing is written', () => {
  const root = folderWith()
  expect(run(root, { json: false, html: false }).warnings).toEqual([])
  expect(readdirSync(root)).toEqual([])
})

test('leaves nothing half-written behind', () => {
  const root = folderWith()
  mkdirSync(join(root, '.heapproof/index.html'), { recursive: true }) // no file can take its place
  expect(run(root).warnings).toEqual([expect.stringContaining('index.html')])
  expect(readdirSync(join(root, '.heapproof')).sort()).toEqual(['index.html', 'report.json'])
})

test.skipIf(process.getuid?.() === 0)(
  'a folder that may not be written to is a warning (not for root)',
  () => {
    const root = folderWith()
    mkdirSync(join(root, '.heapproof'))
    chmodSync(join(root, '.heapproof'), 0o555)
    expect(run(root).warnings).toEqual([expect.stringContaining('EACCES')])
  },
)

test('is never more than a screen, even where lines wrap nowhere', () => {
  const root = folderWith()
  for (const line of run(root, {}, {}, [outcome('x'.repeat(1000))]).text) {
    expect(line.length).toBeLessThanOrEqual(160)
  }
})

test('JSON has every test and every line', () => {
  const tests = FULL.map((each) => reported(each, ROOT))
  const text = jsonReport(tests, summaryOf(FULL), new Date('2026-01-02T03:04:05Z'))
  const report = JSON.parse(text)
  expect(report).toMatchObject({
    format: 'heapproof-report',
    version: 1,
    created: '2026-01-02T03:04:05.000Z',
    allocated: 492_357_678,
  })
  expect(report.tests).toHaveLength(FULL.length)
  expect(report.tests[0]).toEqual({
    file: 'test/feed.test.ts',
    name: 'imports > a large feed',
    line: 12,
    column: 1,
    state: 'failed',
    record: JSON.parse(JSON.stringify(FULL[0]?.record)),
  })
  expect(report.tests[5].record).toBeNull()
  expect(report.lines).toHaveLength(3)
  expect(report.lines[0]).toMatchObject({ function: 'parseRow', self: 220_000_000, tests: 2 })
})

test('JSON can be read whatever was in the records', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { maxLength: 10 }), (outcomes) => {
      const tests = outcomes.map((each) => reported(each, ROOT))
      const report = JSON.parse(jsonReport(tests, summaryOf(outcomes), new Date(0)))
      expect(report.tests.map(({ name }: { name: string }) => name)).toEqual(outcomes.map(({ name }) => name))
    }),
  )
})

test('checks its options', () => {
  expect(checkReportOptions('report', undefined)).toEqual({})
  expect(checkReportOptions('report', false)).toBeUndefined()
  const good = { top: 20, json: 'a.json', html: false, github: false }
  expect(checkReportOptions('report', good)).toBe(good)
  for (const [bad, message] of [
    [{ top: 21 }, 'heapproof() report: top must be a whole number from 0 to 20, received 21'],
    [{ json: '' }, 'heapproof() report: json must be the path of a file, or false, received ""'],
    [{ html: 'yes' }, 'heapproof() report: html must be true or false, received "yes"'],
    [{ hml: true }, 'heapproof() report: unknown option "hml"; did you mean "html"?'],
  ] as const) {
    expect(() => checkReportOptions('heapproof() report', bad as never)).toThrow(message)
  }
})

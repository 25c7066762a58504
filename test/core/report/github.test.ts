import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { marked, type Token, type Tokens } from 'marked'
import { expect, test } from 'vitest'
import { annotations } from '../../../src/core/report/github/annotations.js'
import { cell } from '../../../src/core/report/github/cell.js'
import { workflowCommand } from '../../../src/core/report/github/command.js'
import { jobSummary } from '../../../src/core/report/github/job-summary.js'
import { appendStepSummary } from '../../../src/core/report/github/step-summary.js'
import { printable } from '../../../src/core/text/printable.js'
import { folderWith } from '../../support/command-line.js'
import { anyOutcome, FULL, hostile, limit, outcome, ROOT, site, summaryOf } from './outcomes.js'

/** What GitHub's runner makes of a line of output: its steps, one by one. */
function readCommand(line: string) {
  const text = line.trimStart()
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1
  if (end < 0) return undefined
  const info = text.slice(2, end)
  const space = info.indexOf(' ')
  const command = space < 0 ? info : info.slice(0, space)
  const properties: Record<string, string> = {}
  if (space > 0) {
    for (const pair of info
      .slice(space + 1)
      .trim()
      .split(',')
      .filter(Boolean)) {
      const equals = pair.indexOf('=')
      if (equals >= 0) {
        const value = pair
          .slice(equals + 1)
          .replaceAll('%0D', '\r')
          .replaceAll('%0A', '\n')
        properties[pair.slice(0, equals)] = value
          .replaceAll('%3A', ':')
          .replaceAll('%2C', ',')
          .replaceAll('%25', '%')
      }
    }
  }
  const data = text.slice(end + 2)
  const message = data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
  return { command, properties, message }
}

test('a command comes out of the runner as it went in', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (file, title, message) => {
      const line = workflowCommand({ kind: 'warning', file, line: 3, column: 4, title: `${title}.`, message })
      expect(line).not.toMatch(/[\r\n]/)
      const properties = { file, line: '3', col: '4', title: `${title}.` }
      expect(readCommand(line)).toEqual({ command: 'warning', properties, message })
    }),
  )
})

test('annotates the line that allocated, or else the test', () => {
  const beside = {
    certainty: 'unknown',
    reason: 'other tests ran at the same time',
    limits: [limit({ measured: undefined, verdict: 'cannot-tell' })],
  } as const
  const outcomes = [
    outcome('a: 100 %, b', {
      sites: [site({ self: 4_000_000 })],
      limits: [limit({ measured: 6_000_000, verdict: 'exceeded' })],
    }),
    outcome('near', { limits: [limit({ kind: 'peak', measured: 4_800_000 })] }),
    outcome('beside', beside, { state: 'failed' }),
    outcome('beside, by default', beside),
    outcome('far', { limits: [limit()] }),
  ]
  expect(annotations(summaryOf(outcomes), ROOT, '/')).toEqual([
    '::error file=project/src/feed.ts,line=23,col=11,title=Limit of allocated bytes exceeded::' +
      'a: 100 %25, b (test/feed.test.ts:12): allocated 6 MB, limit 5 MB.%0A' +
      'This line: about 4 MB, estimated from samples',
    '::warning file=project/test/feed.test.ts,line=12,col=1,title=Limit of allocated bytes could not be judged::' +
      'beside (test/feed.test.ts:12): limit 5 MB, other tests ran at the same time.',
    '::warning file=project/test/feed.test.ts,line=12,col=1,title=Limit of the peak is near::' +
      'near (test/feed.test.ts:12): peak 4.8 MB, limit 5 MB.',
  ])
})

test('leaves a file outside of the workspace absolute', () => {
  const limits = [limit({ measured: 6_000_000, verdict: 'exceeded' })]
  const [line] = annotations(summaryOf([outcome('a', { limits })]), ROOT, '/project/packages')
  expect(line).toContain('file=/project/test/feed.test.ts,')
})

test('shows ten of a kind, and how many more there are', () => {
  const outcomes = Array.from({ length: 12 }, (_, index) =>
    outcome(`test ${index}`, { limits: [limit({ measured: 6_000_000, verdict: 'exceeded' })] }),
  )
  const lines = annotations(summaryOf(outcomes), ROOT, ROOT)
  expect(lines).toHaveLength(10)
  expect(lines[8]).not.toContain('more')
  expect(lines[9]).toMatch(/%0A2 more errors of this kind, not shown$/)
})

test('no test can add a command or end one', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { maxLength: 10 }), (outcomes) => {
      for (const line of annotations(summaryOf(outcomes), ROOT, ROOT)) {
        expect(line).not.toMatch(/[\r\n]/)
        const { command, properties } = readCommand(line) ?? {}
        expect(['error', 'warning']).toContain(command)
        expect(['file', 'line', 'col', 'title']).toEqual(
          expect.arrayContaining(Object.keys(properties ?? {})),
        )
      }
    }),
  )
})

test('the page of a job', () => {
  const code = (text: string) => cell(text)
  const feed = `${code('test/feed.test.ts:12')} ${code('imports > a large feed')}`
  expect(jobSummary(summaryOf(FULL.slice(0, 1)), 1e6)).toBe(`## Memory of the tests

1 test allocated 412 MB (exact).

### Limits: 1 exceeded

|  | measured | limit | kind | test | line |
| --- | --: | --: | --- | --- | --- |
| exceeded | 412 MB | 400 MB | allocated | ${feed} | ${code('src/feed.ts:23:11')} |

### Tests that allocated most

| allocated | test |
| --: | --- |
| 412 MB | ${feed} |

### Tests that retained most

| retained | test |
| --: | --- |
| 1.23 MB | ${feed} |

### Lines that allocated most

Estimates from samples, ± two standard errors. Each test tells its ten heaviest lines; what others allocated is not in here.

| allocated | ± | function | line |
| --: | --: | --- | --- |
| 200 MB | ±6 % | ${code('parseRow')} | ${code('src/feed.ts:23:11')} |
| 100 MB | ±8 % | ${code('importFeed')} | ${code('src/feed.ts:6:3')} |

`)
  expect(code('a > b|c')).toBe('<code>a &#62; b&#124;c</code>')
})

/** The text of a piece of Markdown, as a reader sees it, and the kinds of everything in it. */
function seen(tokens: readonly Token[]): { text: string; kinds: Set<string> } {
  const kinds = new Set<string>()
  let text = ''
  for (const token of tokens) {
    kinds.add(token.type === 'html' ? token.raw : token.type)
    if (token.type === 'text') text += token.raw
  }
  const plain = text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  return { text: plain, kinds }
}

test('a name stays in its cell, and is read as it is', () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const [table] = marked.lexer(`| a | b |\n| - | - |\n| ${cell(name)} | end |\n`) as Token[] as [
        Tokens.Table,
      ]
      expect(table.type).toBe('table')
      expect(table.rows).toHaveLength(1)
      const [row] = table.rows
      expect(row?.map(({ text }) => text)).toEqual([cell(name), 'end'])
      const { text, kinds } = seen(row?.[0]?.tokens ?? [])
      expect(['text', '<code>', '</code>']).toEqual(expect.arrayContaining([...kinds]))
      expect(text.trim()).toBe(printable(name).trim())
    }),
    { numRuns: 500 },
  )
})

test('no test changes the tables it is in', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { maxLength: 10 }), (outcomes) => {
      const kinds = marked.lexer(jobSummary(summaryOf(outcomes), 1e6)).map(({ type }) => type)
      expect(['heading', 'paragraph', 'table', 'list', 'space']).toEqual(expect.arrayContaining(kinds))
    }),
  )
})

test('takes no more room than there is', () => {
  const outcomes = Array.from({ length: 50 }, (_, index) => outcome(`${index} ${'ü'.repeat(300)}`))
  const summary = summaryOf(outcomes)
  const whole = jobSummary(summary, 1e6)
  expect(whole).not.toContain('left out')
  for (const room of [0, 50, 120, 1000, 5000, Buffer.byteLength(whole) - 1]) {
    const text = jobSummary(summary, room)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(room)
    if (text !== '') expect(text).toMatch(/\nThe rest is left out: GitHub takes no more\.\n$/)
  }
  expect(jobSummary(summary, 1000)).toContain('50 tests allocated')
})

test('appends to what others wrote, as long as there is room', () => {
  const summary = summaryOf(FULL)
  const file = join(folderWith({ 'full.md': 'x'.repeat(1024 * 1024), 'some.md': 'of others' }), 'some.md')
  expect(appendStepSummary(file, summary)).toBeUndefined()
  expect(readFileSync(file, 'utf8')).toMatch(/^of others\n## Memory of the tests\n/)
  const full = join(file, '../full.md')
  expect(appendStepSummary(full, summary)).toBe(
    `no summary of memory on the page of the job: there is no room in ${full}`,
  )
  // One byte less than it takes, the line break between the two texts included.
  const tight = join(file, '../tight.md')
  writeFileSync(tight, 'x'.repeat(1024 * 1024 - Buffer.byteLength(jobSummary(summary, 1e6))))
  expect(appendStepSummary(tight, summary)).toBeUndefined()
  expect(readFileSync(tight).length).toBeLessThanOrEqual(1024 * 1024)
  expect(readFileSync(tight, 'utf8')).toContain('The rest is left out')
  const fresh = join(file, '../new.md')
  expect(appendStepSummary(fresh, summary)).toBeUndefined()
  expect(existsSync(fresh)).toBe(true)
  expect(appendStepSummary(join(file, 'below'), summary)).toMatch(/: ENOTDIR/)
})

import { join } from 'node:path'
import fc from 'fast-check'
import { marked } from 'marked'
import { parseFragment } from 'parse5'
import { expect, test } from 'vitest'
import { compareRuns } from '../../../src/core/compare/compare-runs.js'
import { COMMENT_ROOM, comparisonMarkdown, MARK } from '../../../src/core/compare/markdown.js'
import { comparisonText } from '../../../src/core/compare/text.js'
import type { TestOutcome } from '../../../src/core/report/outcome.js'
import { folderWith } from '../../support/command-line.js'
import { anyOutcome, outcome, site } from '../report/outcomes.js'
import { settled, writeReport } from './reports.js'

const MB = 1_000_000

function compare(base: readonly TestOutcome[], head: readonly TestOutcome[]) {
  const folder = folderWith()
  return compareRuns(
    writeReport(join(folder, 'base'), settled(base)),
    writeReport(join(folder, 'head'), settled(head)),
  )
}

const sampled = (self: number) => ({ samplingInterval: 1024, sites: [site({ self })] })
const BASE = [
  outcome('imports > large', { allocated: 10 * MB, ...sampled(8 * MB) }),
  outcome('imports > small', { allocated: 2 * MB }),
  outcome('exports', { allocated: 3 * MB }),
  outcome('the same', { allocated: 3 * MB }),
  outcome('perhaps', { allocated: MB }),
  outcome('gone', { allocated: 5000 }),
  outcome('beside'),
]
const HEAD = [
  outcome('imports > large', { allocated: 15 * MB, ...sampled(13 * MB) }),
  outcome('imports > small', { allocated: 8 * MB }),
  outcome('exports', { allocated: MB }),
  outcome('the same', { allocated: 3 * MB }),
  outcome('perhaps', { allocated: 1.12 * MB }),
  outcome('new', { allocated: 6000 }, { project: 'web' }),
  outcome('beside', { certainty: 'unknown', reason: 'other tests ran at the same time' }),
]

test('as text: what failed first, then what grew, where, and the rest', () => {
  expect(comparisonText(compare(BASE, HEAD), 0.5)).toBe(`2 tests grew by more than 10 %, 1 shrank.
5 tests compared: 28.1 MB, before 19 MB (+48 %). 1 new, 1 removed, 1 not comparable.

Grew by more than 50 %, which fails
  before   now  change  at least             test
    2 MB  8 MB  +300 %    +218 %  allocated  test/feed.test.ts:12  imports > small

Grew as well
  before    now  change  at least             test
   10 MB  15 MB   +50 %   +22.6 %  allocated  test/feed.test.ts:12  imports > large

Lines that grew (of the tests above, estimated from samples)
  before    now  function  line
    8 MB  13 MB  parseRow  src/feed.ts:23:11

Shrank by more than 10 %
  before   now   change  at least             test
    3 MB  1 MB  -66.7 %   -56.2 %  allocated  test/feed.test.ts:12  exports

Perhaps changed (the same code may differ as much from run to run; runs without optimising compilers, or several of each, tell)
  before      now  change             test
    1 MB  1.12 MB   +12 %  allocated  test/feed.test.ts:12  perhaps

New
  allocated  test
       6 kB  [web] test/feed.test.ts:12  new

Removed
  allocated  test
       5 kB  test/feed.test.ts:12  gone

Not comparable
  1 test: now it could not be measured: other tests ran at the same time
`)
})

test('of a run that did not change there is little to say', () => {
  expect(comparisonText(compare(BASE, BASE))).toBe(
    'No test grew or shrank by more than 10 %.\n7 tests compared: 20 MB, before 20 MB (±0 %).\n',
  )
  expect(comparisonText(compare([], HEAD))).toContain('No test could be compared.\n7 new.\n')
})

test('as Markdown: the same, in tables', () => {
  const text = comparisonMarkdown(compare(BASE, HEAD), 0.5)
  expect(
    text.startsWith(
      `${MARK}\n## Memory of the tests\n\n**2 tests grew by more than 10 %, 1 shrank.** 5 tests`,
    ),
  ).toBe(true)
  const html = parseFragment(marked.parse(text, { async: false }))
  const rows = JSON.stringify(html, (key, value) => (key === 'parentNode' ? undefined : value)).match(
    /"tagName":"tr"/g,
  )
  expect(rows).toHaveLength(7 + 7)
  expect(text).toContain('| 2 MB | 8 MB | +300 % | +218 % | allocated | <code>test&#47;feed')
  expect(text).toContain('### Not comparable\n\n- 1 test: <code>now it could not')
})

test('fits into a comment, however many tests changed and however they are called', () => {
  const tests = (allocated: number) =>
    Array.from({ length: 400 }, (_, i) =>
      outcome(`${'😀<|>'.repeat(100)} ${i}`, {
        allocated,
        samplingInterval: 1024,
        sites: [site({ function: `${'ä|'.repeat(150)}${i}`, self: allocated })],
      }),
    )
  const text = comparisonMarkdown(compare(tests(MB), tests(3 * MB)))
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(COMMENT_ROOM)
  expect(text).toContain('The rest is left out')
  expect(text.split('\n').filter((line) => line.startsWith('|') && !line.endsWith('|'))).toEqual([])
  const short = comparisonText(compare(tests(MB), tests(3 * MB)))
  expect(short).toContain('350 more are not shown')
})

test('names of tests, functions and files are text, whatever they are', () => {
  fc.assert(
    fc.property(
      fc.array(anyOutcome, { maxLength: 6 }),
      fc.array(anyOutcome, { maxLength: 6 }),
      (base, head) => {
        const comparison = compare(base, head)
        const tree = parseFragment(marked.parse(comparisonMarkdown(comparison, 0.1), { async: false }))
        const tags = new Set<string>()
        const walk = (node: { nodeName: string; childNodes?: unknown[] }) => {
          tags.add(node.nodeName)
          for (const child of node.childNodes ?? []) walk(child as typeof node)
        }
        walk(tree as never)
        const known = [
          '#document-fragment',
          '#comment',
          '#text',
          'h2',
          'h3',
          'p',
          'strong',
          'table',
          'thead',
          'tbody',
          'tr',
          'th',
          'td',
          'code',
          'ul',
          'li',
        ]
        expect([...tags].filter((tag) => !known.includes(tag))).toEqual([])
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(comparisonText(comparison, 0.1)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/)
      },
    ),
    { numRuns: 60 },
  )
})

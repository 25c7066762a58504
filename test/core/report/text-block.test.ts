import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import type { TestOutcome } from '../../../src/core/report/outcome.js'
import { textBlock } from '../../../src/core/report/text-block.js'
import { anyOutcome, FULL, limit, outcome, ROOT, summaryOf } from './outcomes.js'

type Surroundings = Parameters<typeof textBlock>[1]

function block(outcomes: readonly TestOutcome[], given: Partial<Surroundings> = {}): string[] {
  return textBlock(summaryOf(outcomes), { top: 5, root: ROOT, cwd: ROOT, columns: 120, ...given })
}

test('says all there is to say, the names last', () => {
  expect(block(FULL, { page: `${ROOT}/.heapproof/index.html` }).join('\n')).toBe(`
 heapproof: 4 tests allocated 492 MB (exact, but for 1 marked ~)
   Tests that allocated most
     412 MB  test/feed.test.ts:12  imports > a large feed
     ~80 MB  test/feed.test.ts:12  imports > a small feed
      12 kB  test/feed.test.ts:12  keeps little
   Tests that retained most
     1.23 MB  test/feed.test.ts:12  imports > a large feed
       512 B  test/feed.test.ts:12  keeps little
   Lines that allocated most (estimates from samples, ± two standard errors)
     220 MB   ±5 %  parseRow    src/feed.ts:23:11
     100 MB   ±8 %  importFeed  src/feed.ts:6:3
       8 MB  ±26 %  alloc       node:buffer:9:11 (array buffer)
   Limits: 1 exceeded, 1 near, 1 cannot tell
      412 MB  of 400 MB  allocated  exceeded     test/feed.test.ts:12  imports > a large feed
     19.2 MB  of 20 MB   peak       near         test/feed.test.ts:12  imports > a small feed
           ?  of 5 MB    allocated  cannot tell  test/feed.test.ts:12  beside another
   Not measured: 2 tests: 1 because other tests ran at the same time, 1 because they ran where heapproof does not count
   Profiles: 1 kept. Open one: npx heapproof top .heapproof/test/feed.test.ts/imports-a-large-feed
   All tests: .heapproof/index.html`)
})

test('says nothing of a run in which nothing was measured', () => {
  expect(block([])).toEqual([])
  expect(block([outcome('in a browser', null), outcome('left out', null, { state: 'skipped' })])).toEqual([])
})

test('names the limits of a run in which everything ran at the same time', () => {
  const lines = block([
    outcome('beside another', {
      certainty: 'unknown',
      reason: 'other tests ran at the same time',
      limits: [limit({ measured: undefined, verdict: 'cannot-tell' })],
    }),
  ])
  expect(lines).toEqual([
    '',
    ' heapproof: no test could be measured',
    '   Limits: 1 cannot tell',
    '     ?  of 5 MB  allocated  cannot tell  test/feed.test.ts:12  beside another',
    '   Not measured: 1 test, because other tests ran at the same time',
  ])
})

test('shows every byte where three digits would make a limit look kept', () => {
  const limits = [limit({ limit: 5_000_000, measured: 5_000_040, verdict: 'exceeded' })]
  expect(block([outcome('a', { allocated: 5_000_040, limits })])).toContain(
    '     5,000,040 B  of 5,000,000 B  allocated  exceeded  test/feed.test.ts:12  a',
  )
})

test('writes paths for the shell that the user is in', () => {
  const profile = ".heapproof/it's here/a"
  const lines = block([outcome('a', { profile })], { cwd: '/project/packages' })
  expect(lines).toContain("   Profiles: 1 kept. Open one: npx heapproof top '../.heapproof/it'\\''s here/a'")
})

test('opens the profile of a failed test first', () => {
  const lines = block([
    outcome('large', { allocated: 9e9, profile: '.heapproof/large' }),
    outcome('failed', { allocated: 1, profile: '.heapproof/failed' }, { state: 'failed' }),
  ])
  expect(lines).toContain('   Profiles: 2 kept. Open one: npx heapproof top .heapproof/failed')
})

test('is never more than a screen, whatever the tests are called', () => {
  fc.assert(
    fc.property(
      fc.array(anyOutcome, { maxLength: 60 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 20, max: 200 }),
      (outcomes, top, columns) => {
        const lines = block(outcomes, { top, columns, page: `${ROOT}/.heapproof/index.html` })
        expect(lines.length).toBeLessThanOrEqual(24)
        for (const line of lines) {
          expect(stringWidth(line)).toBeLessThanOrEqual(columns)
          expect(line).not.toMatch(/[\p{Cc}\u202e\u2028]/u)
          expect(line).toMatch(/^(?:$| heapproof: | {3}\S| {5})/) // no name begins a line
        }
      },
    ),
  )
})

test('when it is too much, each table keeps its heading and what is heaviest', () => {
  const many = Array.from({ length: 20 }, (_, index) => {
    const [first] = FULL
    return outcome(`test ${index}`, { ...(first?.record as object), allocated: 1000 - index })
  })
  const lines = block(many, { top: 20 })
  expect(lines).toHaveLength(24)
  for (const text of ['Tests that allocated', 'Tests that retained', 'Lines that', 'Limits: 20 exceeded']) {
    expect(lines.filter((line) => line.includes(text))).toHaveLength(1)
  }
  expect(lines[3]).toContain('1 kB')
})

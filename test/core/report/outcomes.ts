import fc from 'fast-check'
import type { TestLimit, TestRecord, TestSite } from '../../../src/core/bracket/record.js'
import type { TestOutcome } from '../../../src/core/report/outcome.js'
import { reported } from '../../../src/core/report/rebase.js'
import { type SuiteSummary, summarize } from '../../../src/core/report/summarize.js'

export const ROOT = '/project'

/** A record as a worker makes it: 1 MB, exact, nothing else known. */
export function record(given: Partial<TestRecord> = {}): TestRecord {
  return {
    version: 1,
    allocated: 1_000_000,
    heap: given.allocated ?? 1_000_000,
    arrayBuffers: 0,
    native: undefined,
    peak: undefined,
    retained: undefined,
    collections: 0,
    certainty: 'exact',
    reason: '',
    limits: [],
    sites: [],
    samplingInterval: undefined,
    samplingError: undefined,
    profile: undefined,
    ...given,
  }
}

export function site(given: Partial<TestSite> = {}): TestSite {
  const self = given.self ?? 500_000
  return {
    function: 'parseRow',
    file: 'src/feed.ts',
    line: 23,
    column: 11,
    domain: 'heap',
    self,
    total: self,
    live: 0,
    ...given,
  }
}

export function limit(given: Partial<TestLimit> = {}): TestLimit {
  return { kind: 'allocated', limit: 5_000_000, measured: 1_000_000, verdict: 'kept', ...given }
}

/** A test that passed, with a record that holds what is given. */
export function outcome(
  name: string,
  given: Partial<TestRecord> | null = {},
  rest: Partial<TestOutcome> = {},
): TestOutcome {
  return {
    file: 'test/feed.test.ts',
    name,
    line: 12,
    column: 1,
    state: 'passed',
    record: given === null ? undefined : record(given),
    ...rest,
  }
}

/** A run with something of everything. */
export const FULL: readonly TestOutcome[] = [
  outcome(
    'imports > a large feed',
    {
      allocated: 412_345_678,
      retained: 1_234_567,
      samplingInterval: 131_072,
      sites: [
        site({ self: 200_000_000, total: 200_000_000 }),
        site({ function: 'importFeed', line: 6, column: 3, self: 100_000_000, total: 400_000_000 }),
      ],
      limits: [limit({ limit: 400_000_000, measured: 412_345_678, verdict: 'exceeded' })],
      profile: '.heapproof/test/feed.test.ts/imports-a-large-feed',
    },
    { state: 'failed' },
  ),
  outcome('imports > a small feed', {
    allocated: 80_000_000,
    certainty: 'approximate',
    reason: 'V8 was collecting the whole heap',
    samplingInterval: 131_072,
    sites: [
      site({ self: 20_000_000, total: 20_000_000 }),
      site({ function: 'alloc', file: 'node:buffer', line: 9, domain: 'arrayBuffer', self: 8_000_000 }),
    ],
    limits: [limit({ kind: 'peak', limit: 20_000_000, measured: 19_200_000 })],
  }),
  outcome('keeps little', { allocated: 12_000, retained: 512, limits: [limit({ measured: 12_000 })] }),
  outcome('nothing at all', { allocated: 0 }),
  outcome('beside another', {
    allocated: 99_000_000,
    certainty: 'unknown',
    reason: 'other tests ran at the same time',
    sites: [site({ self: 99_000_000 })],
    limits: [limit({ measured: undefined, verdict: 'cannot-tell' })],
  }),
  outcome('in a browser', null),
  outcome('left out', null, { state: 'skipped' }),
]

/** What core makes of outcomes. */
export function summaryOf(outcomes: readonly TestOutcome[]): SuiteSummary {
  return summarize(outcomes.map((each) => reported(each, ROOT)))
}

/** Names that somebody may give a test to see what happens. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '</script><script>alert(1)</script>',
    `"><img src=x onerror=alert(1)>'`,
    'a\n::error file=x::y\r\n',
    'a %0A%25 b, c: d',
    '| a || \\| `b` ``` <b> &amp; [x](javascript:y) @everyone #1 www.example.org',
    '\u202egnp.exe\u2066',
    '\u001b[2J\u001b]0;title\u0007',
    '\ud800',
    '日本語のテスト 👩‍👩‍👧 العربية',
    '__proto__',
    '-->]]>',
    'x'.repeat(3000),
    '',
  ),
  fc
    .array(fc.constantFrom('<', '>', '&', '"', "'", '`', '|', '\\', '%', ',', ':', '\n', '::', '=', ' '))
    .map((all) => all.join('')),
)

const size = fc.integer({ min: 0, max: 10_000_000_000 })

export const anySite: fc.Arbitrary<TestSite> = fc.record({
  function: hostile,
  file: fc.oneof(hostile, fc.constantFrom('src/a.ts', '/other/b.ts', 'node:fs')),
  line: fc.nat(1000),
  column: fc.nat(1000),
  domain: fc.constantFrom('heap', 'arrayBuffer', 'native'),
  self: size,
  total: size,
  live: size,
})

export const anyRecord: fc.Arbitrary<TestRecord> = fc.record({
  version: fc.constant(1 as const),
  allocated: size,
  heap: size,
  arrayBuffers: size,
  native: fc.option(size, { nil: undefined }),
  peak: fc.option(size, { nil: undefined }),
  retained: fc.option(size, { nil: undefined }),
  collections: fc.nat(9),
  certainty: fc.constantFrom('exact', 'approximate', 'unknown'),
  reason: hostile,
  limits: fc.array(
    fc.record({
      kind: fc.constantFrom('allocated', 'retained', 'peak', 'native'),
      limit: size,
      measured: fc.option(size, { nil: undefined }),
      verdict: fc.constantFrom('kept', 'exceeded', 'cannot-tell'),
    }),
    { maxLength: 3 },
  ),
  sites: fc.array(anySite, { maxLength: 10 }),
  samplingInterval: fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined }),
  samplingError: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  profile: fc.option(hostile, { nil: undefined }),
})

export const anyOutcome: fc.Arbitrary<TestOutcome> = fc.record({
  file: fc.oneof(hostile, fc.constant('test/a.test.ts')),
  name: hostile,
  line: fc.option(fc.nat(1000), { nil: undefined }),
  column: fc.option(fc.nat(1000), { nil: undefined }),
  project: fc.option(hostile, { nil: undefined }),
  state: fc.constantFrom('passed', 'failed', 'skipped'),
  root: fc.constantFrom(undefined, ROOT, '/project/packages/a', '/elsewhere'),
  record: fc.oneof(anyRecord, fc.constant(undefined), fc.anything()),
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DomainFilter, Filter, type TraceFilter } from '../../../src/core/tracemalloc/filter.js'
import type { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { DOMAINS, type Domain } from '../../../src/core/types.js'
import { snapshots } from './arbitrary.js'
import { snapshotOf } from './snapshots.js'

const SNAPSHOT = snapshotOf([
  [64, 1, 'main.ts:1', 'native'],
  [32, 3, 'cache.ts:2 main.ts:4'],
  [16, 1, ''],
  [8, 1, 'cache.ts:5 main.ts:4', 'arrayBuffer'],
])

/** Bytes of the traces that are left: each has another power of two. */
function left(...filters: TraceFilter[]): number[] {
  return SNAPSHOT.filterTraces(filters).traces.map(({ bytes }) => bytes)
}

test('filter_traces: an exclusive filter leaves out what it matches', () => {
  expect(left(new Filter(false, 'main.ts'))).toEqual([32, 16, 8])
  expect(left(new Filter(false, 'cache.ts', { lineno: 5 }))).toEqual([64, 32, 16])
  expect(left(new Filter(false, '<unknown>'))).toEqual([64, 32, 8])
})

test('filter_traces: an inclusive filter keeps nothing else', () => {
  expect(left(new Filter(true, 'cache.ts'))).toEqual([32, 8])
  expect(left(new Filter(true, 'cache.ts', { lineno: 2 }))).toEqual([32])
  expect(left(new Filter(true, 'nowhere.ts'))).toEqual([])
})

test('filter_traces: of several, any inclusive one and every exclusive one', () => {
  const [cache, main] = [new Filter(true, 'cache.ts'), new Filter(true, 'main.ts')]
  expect(left(cache, main)).toEqual([64, 32, 8])
  expect(left(cache, main, new Filter(false, '*', { lineno: 1 }))).toEqual([32, 8])
  expect(left(new Filter(false, 'main.ts'), new Filter(false, 'cache.ts'))).toEqual([16])
  expect(left(cache, new Filter(false, 'cache.ts'))).toEqual([])
})

test('filter_traces: no filter gives a copy', () => {
  const copy = SNAPSHOT.filterTraces([])
  expect(copy).not.toBe(SNAPSHOT)
  expect(copy).toEqual(SNAPSHOT)
})

test('a filtered snapshot adds up what is left, and keeps the rest', () => {
  const source = snapshotOf(
    [
      [10, 1, 'a.ts:1'],
      [5, 1, 'b.ts:1'],
    ],
    { build: 7 },
  )
  const { total, time, sampling, tracebackLimit, attributes } = source.filterTraces([
    new Filter(true, 'b.ts'),
  ])
  expect(total).toBe(5)
  expect({ time, sampling, tracebackLimit }).toEqual({
    time: 1.5,
    sampling: { interval: 1 },
    tracebackLimit: 128,
  })
  expect(attributes).toEqual({ build: 7 })
  expect(source.traces).toHaveLength(2)
})

test('filters come in anything that can be walked through, once', () => {
  function* filters(): Generator<TraceFilter> {
    yield new Filter(true, 'cache.ts')
    yield new DomainFilter(true, 'heap')
  }
  expect(SNAPSHOT.filterTraces(filters()).traces).toHaveLength(3)
  expect(SNAPSHOT.filterTraces(new Set([new Filter(true, 'main.ts')])).traces).toHaveLength(1)
})

test('filter_attributes: given, they are there; and nothing can be set', () => {
  const plain = new Filter(true, 'abc')
  expect(plain).toMatchObject({ inclusive: true, filenamePattern: 'abc', allFrames: false })
  expect([plain.lineno, plain.domain]).toEqual([undefined, undefined])
  const full = new Filter(false, 'test.ts', { lineno: 123, allFrames: true, domain: 'native' })
  expect(full).toMatchObject({
    inclusive: false,
    filenamePattern: 'test.ts',
    lineno: 123,
    allFrames: true,
    domain: 'native',
  })
  for (const name of ['inclusive', 'filenamePattern', 'lineno', 'allFrames', 'domain']) {
    expect(() => Object.assign(full, { [name]: 'other' })).toThrow(TypeError)
  }
  const domain = new DomainFilter(true, 'heap')
  expect(domain).toMatchObject({ inclusive: true, domain: 'heap' })
  expect(() => Object.assign(domain, { domain: 'native' })).toThrow(TypeError)
})

/** Whether a filter lets a stack through. */
function lets(filter: TraceFilter, stack: string, domain: Domain = 'heap'): boolean | undefined {
  const [entry] = snapshotOf([[1, 1, stack, domain]]).traces
  return entry && filter.matches(entry.trace)
}

test('filter_match: file and line', () => {
  const cases: [filter: Filter, stack: string, through: boolean][] = [
    [new Filter(true, 'abc'), 'abc:0', true],
    [new Filter(true, 'abc'), 'abc:5', true],
    [new Filter(true, 'abc'), '12356:0', false],
    [new Filter(false, 'abc'), 'abc:5', false],
    [new Filter(false, 'abc'), '12356:5', true],
    [new Filter(true, 'abc', { lineno: 5 }), 'abc:5', true],
    [new Filter(true, 'abc', { lineno: 5 }), 'abc:10', false],
    [new Filter(true, 'abc', { lineno: 5 }), '12356:5', false],
    [new Filter(false, 'abc', { lineno: 5 }), 'abc:5', false],
    [new Filter(false, 'abc', { lineno: 5 }), 'abc:10', true],
    [new Filter(false, 'abc', { lineno: 5 }), '12356:5', true],
    [new Filter(true, 'abc', { lineno: 0 }), 'abc:5', false],
  ]
  for (const [filter, stack, through] of cases)
    expect([filter, stack, lets(filter, stack)]).toEqual([filter, stack, through])
})

test('match_filename, match_filename_joker: the whole name, with wildcards', () => {
  const cases: [pattern: string, name: string, through: boolean][] = [
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['abc', 'zabc', false],
    ['ab*', 'abc', true],
    ['a*c', 'abc', true],
    ['a*c', 'abcdef', false],
    ['*.ts', '/app/src/cache.ts', true],
    ['*/node_modules/*', '/app/node_modules/x/index.js', true],
    ['a/b/*', 'a/b/', true],
    ['a?c', 'abc', true],
    ['a.c', 'abc', false],
  ]
  for (const [pattern, name, through] of cases) {
    expect([pattern, name, lets(new Filter(true, pattern), `${name}:1`)]).toEqual([pattern, name, through])
    expect([pattern, name, lets(new Filter(false, pattern), `${name}:1`)]).toEqual([pattern, name, !through])
  }
})

test('match_trace: the newest frame alone, or any', () => {
  const stack = 'cache.ts:2 main.ts:4'
  const newest = (inclusive: boolean, pattern: string) => lets(new Filter(inclusive, pattern), stack)
  const all = (inclusive: boolean, pattern: string) =>
    lets(new Filter(inclusive, pattern, { allFrames: true }), stack)
  expect([newest(true, 'cache.ts'), newest(true, 'main.ts')]).toEqual([true, false])
  expect([newest(false, 'cache.ts'), newest(false, 'main.ts')]).toEqual([false, true])
  expect([all(true, 'cache.ts'), all(true, 'main.ts'), all(true, 'other.ts')]).toEqual([true, true, false])
  expect([all(false, 'cache.ts'), all(false, 'main.ts'), all(false, 'other.ts')]).toEqual([
    false,
    false,
    true,
  ])
  // File and line must be of the same frame.
  expect(lets(new Filter(true, 'cache.ts', { lineno: 4, allFrames: true }), stack)).toBe(false)
})

test('the newest frame is the newest one in a file', () => {
  expect(lets(new Filter(true, 'list.ts'), 'push@ list.ts:2 main.ts:1')).toBe(true)
  expect(lets(new Filter(true, '<unknown>'), 'push@')).toBe(true)
  expect(lets(new Filter(true, '<unknown>'), 'push@ list.ts:2')).toBe(false)
})

test('filter_traces_domain: an inclusive filter keeps its domain alone, an exclusive one touches no other', () => {
  expect(left(new Filter(true, 'cache.ts', { domain: 'arrayBuffer' }))).toEqual([8])
  expect(left(new Filter(false, 'cache.ts', { domain: 'arrayBuffer' }))).toEqual([64, 32, 16])
  expect(left(new Filter(true, '*', { domain: 'native' }))).toEqual([64])
  expect(left(new Filter(false, '*', { domain: 'native' }))).toEqual([32, 16, 8])
})

test('filter_traces_domain_filter', () => {
  expect(left(new DomainFilter(true, 'native'))).toEqual([64])
  expect(left(new DomainFilter(false, 'native'))).toEqual([32, 16, 8])
  expect(left(new DomainFilter(true, 'native'), new DomainFilter(true, 'heap'))).toEqual([64, 32, 16])
  expect(left(new DomainFilter(false, 'native'), new Filter(true, 'cache.ts'))).toEqual([32, 8])
})

test.each([
  [() => new Filter('yes' as never, 'a'), 'Filter: inclusive must be true or false, received "yes"'],
  [() => new Filter(true, 5 as never), 'Filter: filenamePattern must be a string, received 5'],
  [() => new Filter(true, 'a', { lineno: -1 }), 'Filter: lineno must be a whole number'],
  [() => new Filter(true, 'a', { allFrames: 1 as never }), 'Filter: allFrames must be true or false'],
  [
    () => new Filter(true, 'a', { domain: 'x' as never }),
    "Filter: domain must be 'heap', 'arrayBuffer' or 'native'",
  ],
  [() => new Filter(true, 'a', { lineNo: 1 } as never), 'did you mean "lineno"?'],
  [() => new DomainFilter(1 as never, 'heap'), 'DomainFilter: inclusive must be true or false, received 1'],
  [
    () => new DomainFilter(true, 0 as never),
    "DomainFilter: domain must be 'heap', 'arrayBuffer' or 'native', received 0",
  ],
  [
    () => SNAPSHOT.filterTraces(undefined as never),
    'a list of Filter and DomainFilter objects, received undefined',
  ],
  [() => SNAPSHOT.filterTraces(new Filter(true, 'a') as never), 'received {"allFrames": false'],
  [() => SNAPSHOT.filterTraces('abc' as never), 'received "abc"'],
  [() => SNAPSHOT.filterTraces([null] as never), 'received null'],
  [() => SNAPSHOT.filterTraces([{ inclusive: true }] as never), 'received {"inclusive": true}'],
])('what is no filter is refused: %#', (call, message) => {
  expect(call).toThrow(
    expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(message) }),
  )
})

const filters: fc.Arbitrary<TraceFilter> = fc.oneof(
  fc
    .record({
      inclusive: fc.boolean(),
      pattern: fc.constantFrom('*', 'a', 'b', 'src/*', '*.ts', '<unknown>', '[!a]', '__proto__'),
      options: fc.record(
        { lineno: fc.nat(3), allFrames: fc.boolean(), domain: fc.constantFrom(...DOMAINS) },
        { requiredKeys: [] },
      ),
    })
    .map(({ inclusive, pattern, options }) => new Filter(inclusive, pattern, options)),
  fc
    .tuple(fc.boolean(), fc.constantFrom(...DOMAINS))
    .map(([inclusive, domain]) => new DomainFilter(inclusive, domain)),
)

const PATTERNS = new Map(
  Object.entries({
    '*': /^.*$/s,
    a: /^a$/,
    b: /^b$/,
    'src/*': /^src\/.*$/s,
    '*.ts': /^.*\.ts$/s,
    '<unknown>': /^<unknown>$/,
    '[!a]': /^[^a]$/u,
  }),
)

/** The rules of the documentation of tracemalloc, word by word. */
function through(filter: TraceFilter, entry: Snapshot['traces'][number]): boolean {
  if (filter instanceof DomainFilter) {
    return filter.inclusive ? entry.trace.domain === filter.domain : entry.trace.domain !== filter.domain
  }
  const { frames } = entry.traceback
  const pattern = PATTERNS.get(filter.filenamePattern) ?? /^__proto__$/
  const looked = filter.allFrames ? frames : frames.slice(-1)
  const hit = looked.some(
    ({ file, line }) => pattern.test(file) && (filter.lineno === undefined || filter.lineno === line),
  )
  if (filter.domain === undefined) return filter.inclusive ? hit : !hit
  const same = filter.domain === entry.trace.domain
  return filter.inclusive ? hit && same : !hit || !same
}

test('filters do what the rules say, whatever they are and whatever there is', () => {
  fc.assert(
    fc.property(snapshots, fc.array(filters, { maxLength: 4 }), (snapshot, list) => {
      const inclusive = list.filter((filter) => filter.inclusive)
      const exclusive = list.filter((filter) => !filter.inclusive)
      const expected = snapshot.traces.filter(
        (entry) =>
          (inclusive.length === 0 || inclusive.some((filter) => through(filter, entry))) &&
          exclusive.every((filter) => through(filter, entry)),
      )
      expect(snapshot.filterTraces(list).traces).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

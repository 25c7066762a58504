import { readFileSync, truncateSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import type { Counters } from '../../../src/core/types.js'
import { folderWith } from '../../support/command-line.js'
import { LogBuilder } from '../../support/log-builder.js'

const open = (log: LogBuilder) => read(log.write(`${folderWith()}/log`))

const NO_COUNTERS: Counters = {
  heapBytes: 0,
  collections: 0,
  majorCollections: 0,
  arrayBufferBytes: 0,
  arrayBufferCalls: 0,
  arrayBufferFreedBytes: 0,
  arrayBufferFrees: 0,
  nativeBytes: 0,
  nativeCalls: 0,
  nativeFrees: 0,
  unseenCollections: 0,
}

/** 1 ms: a 100, 2 ms: b 1000, 3 ms: b freed, 4 ms: a 10 in another thread, 5 ms: a buffer of 7. */
function smallLog(): LogBuilder {
  const log = new LogBuilder()
  const a = log.trace([
    { function: 'a', line: 3 },
    { function: 'main', line: 9 },
  ])
  const b = log.trace([
    { function: 'b', line: 5 },
    { function: 'a', line: 4 },
    { function: 'main', line: 9 },
  ])
  const buffer = log.trace([{ function: 'c', url: '/app/lib/cache.ts', line: 14 }], 'arrayBuffer')
  log.events.alloc(1000, a, 100).alloc(2000, b, 1000).free(3000, b, 1000, 1000)
  log.events.thread(4000, 2).alloc(4000, a, 10).thread(5000, 0).alloc(5000, buffer, 7).end(6000)
  return log
}

test('times are those of the clock on the wall', () => {
  using reader = open(smallLog())
  expect(reader.initialTime).toBe(1_700_000_000_000.5)
  expect(reader.finalTime).toBe(1_700_000_000_006.5)
  using unknown = open(new LogBuilder(undefined))
  expect(unknown.finalTime).toBeGreaterThan(0)
})

test('the peak is by events, not by snapshots', () => {
  const log = new LogBuilder()
  log.events.alloc(0, 0, 10).alloc(1500, 0, 5000).alloc(1500, 0, 100).free(1501, 0, 5000, 1).end(9000)
  using reader = open(log)
  expect(reader.peak()).toEqual({ time: 0.0015, bytes: 5110, allocations: 3 })
  expect(Math.max(...Array.from(reader.snapshots(), ({ total }) => total))).toBe(110)
  using empty = open(new LogBuilder())
  expect(empty.peak()).toEqual({ time: 0, bytes: 0, allocations: 0 })
})

test('what comes and goes in one microsecond is no peak, and of equal ones the first counts', () => {
  const log = new LogBuilder()
  log.events.alloc(5, 0, 50).alloc(7, 0, 900).free(7, 0, 900, 0).free(8, 0, 50, 3).alloc(9, 0, 50)
  using reader = open(log)
  expect(reader.peak()).toEqual({ time: 0.000005, bytes: 50, allocations: 1 })
})

test('usage of lines: through a line each trace once, or charged to it', () => {
  const log = smallLog()
  const again = { function: 'a', line: 3 }
  const recursive = log.trace([again, again, { function: 'main', line: 9 }])
  log.events.alloc(6000, recursive, 1)
  using reader = open(log)
  const lines = {
    root: '/app/main.js:9',
    leaf: 'main.js:3',
    __proto__: null,
    cache: { file: 'lib/cache.ts', line: 14 },
  }
  const { times, total, usage } = reader.usage(lines as never)
  expect(times).toEqual([0, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006])
  expect(total).toEqual([0, 100, 1100, 100, 110, 117, 118])
  expect(Object.fromEntries(usage)).toEqual({
    root: [0, 100, 1100, 100, 110, 110, 111],
    leaf: [0, 100, 100, 100, 110, 110, 111],
    cache: [0, 0, 0, 0, 0, 7, 7],
  })
  const charged = reader.usage({ root: '/app/main.js:9', leaf: 'main.js:3' }, { cumulative: false }).usage
  expect(charged.get('root')).toEqual([0, 0, 0, 0, 0, 0, 0])
  expect(charged.get('leaf')).toEqual([0, 100, 100, 100, 110, 110, 111])
  expect(reader.usage().total).toEqual(total)
})

test('a name such as __proto__ is a name', () => {
  using reader = open(smallLog())
  const lines = JSON.parse('{"__proto__": "main.js:3"}')
  expect([...reader.usage(lines).usage.keys()]).toEqual(['__proto__'])
})

test.each([
  ['main.js:7', 'unknown-line', 'no stack goes through "main.js:7"; the nearest line in that file is 9'],
  ['mian.js:3', 'unknown-line', 'no stack goes through "mian.js:3"; did you mean the file "main.js"?'],
  ['n.js:3', 'unknown-line', 'no stack goes through "n.js:3"'], // a part of a name is not the name
  [
    'pp/main.js:3',
    'unknown-line',
    'no stack goes through "pp/main.js:3"; did you mean the file "app/main.js"?',
  ],
  ['/main.js:3', 'unknown-line', 'no stack goes through "/main.js:3"; did you mean the file "/app/main.js"?'],
  ['main.js', 'invalid-argument', 'expected a line such as "src/cache.ts:14", received "main.js"'],
  ['', 'invalid-argument', 'expected a line such as "src/cache.ts:14", received ""'],
  [null, 'invalid-argument', 'expected a line such as "src/cache.ts:14", received null'],
  [{ file: 'main.js', line: 1.5 }, 'invalid-argument', expect.stringMatching(/received \{.*1\.5/)],
])('%j is no line that is known', (line, code, message) => {
  using reader = open(smallLog())
  expect(() => reader.usage({ it: line as string })).toThrow(expect.objectContaining({ code, message }))
})

test.each(['main.js:3', './main.js:3', 'app/main.js:3', '/app/main.js:3', 'C:main.js:3'])('%s', (line) => {
  using reader = open(smallLog())
  if (line.startsWith('C:')) expect(() => reader.usage({ it: line })).toThrow('no stack')
  else expect(reader.usage({ it: line }).usage.get('it')?.at(-1)).toBe(110)
})

test('usage by domain and by thread', () => {
  using reader = open(smallLog())
  expect(Object.fromEntries(reader.usageByDomain().usage)).toEqual({
    heap: [0, 100, 1100, 100, 110, 110, 110],
    arrayBuffer: [0, 0, 0, 0, 0, 7, 7],
    native: [0, 0, 0, 0, 0, 0, 0],
  })
  const { times, total, usage } = reader.usageByThread()
  expect(times).toEqual(reader.usageByDomain().times)
  expect(total).toEqual(reader.usageByDomain().total)
  expect([...usage]).toEqual([
    [0, [0, 100, 1100, 100, 100, 107, 107]],
    [2, [0, 0, 0, 0, 10, 10, 10]],
  ])
})

test('a span of time has what was allocated in it, and how much of that stayed', () => {
  using reader = open(smallLog())
  const sums = ({ allocated, live, temporary, allocations, samples }: Record<string, unknown>) => [
    allocated,
    live,
    temporary,
    allocations,
    samples,
  ]
  expect(sums({ ...reader.span() })).toEqual([1117, 117, 1000, 4, 4])
  expect(sums({ ...reader.span({ from: 0.001, to: 0.002 }) })).toEqual([1000, 1000, 0, 1, 1])
  expect(sums({ ...reader.span({ from: 0.001, to: 0.003 }) })).toEqual([1000, 0, 1000, 1, 1])
  expect(sums({ ...reader.span({ from: 0.002 }) })).toEqual([17, 17, 0, 2, 2])
  expect(sums({ ...reader.span({ from: 1 }) })).toEqual([0, 0, 0, 0, 0])
  expect(reader.span().traces.map(({ trace, allocated }) => [trace.frames[0]?.function, allocated])).toEqual([
    ['b', 1000],
    ['a', 110],
    ['c', 7],
  ])
  for (const wrong of [{ from: Number.NaN }, { to: '1' as never }, { until: 1 } as never])
    expect(() => reader.span(wrong)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
})

test('compare is of the snapshots at two times', () => {
  using reader = open(smallLog())
  const changes = reader.compare(0.001, 0.002).map(({ traceback, sizeDiff }) => [String(traceback), sizeDiff])
  expect(changes).toEqual([
    ['/app/main.js:5', 1000],
    ['/app/main.js:3', 0],
  ])
})

test('a flame graph is what is live, as collapsed stacks', () => {
  using reader = open(smallLog())
  const path = `${folderWith()}/stacks.txt`
  reader.writeFlameGraph(path, 0.002)
  expect(readFileSync(path, 'utf8').trim().split('\n').sort()).toEqual([
    'main (/app/main.js:9);a (/app/main.js:3) 100',
    'main (/app/main.js:9);a (/app/main.js:4);b (/app/main.js:5) 1000',
  ])
  reader.writeFlameGraph(path)
  expect(readFileSync(path, 'utf8')).not.toContain('b (')
  expect(() => reader.writeFlameGraph(`${path}/no`)).toThrow(
    expect.objectContaining({ code: 'cannot-write' }),
  )
})

test('source text comes from under the root alone', () => {
  const root = folderWith({ 'a.js': 'first\nsecond line\n' })
  const outside = folderWith({ 'secret.txt': 'secret\n' })
  const log = new LogBuilder()
  const trace = log.trace([
    { function: 'a', url: `${root}/a.js`, line: 2 },
    { function: 'a', url: `${root}/a.js`, line: 3 },
    { function: 'b', url: `${outside}/secret.txt`, line: 1 },
    { function: 'c', url: `${root}/../${outside.split('/').at(-1)}/secret.txt`, line: 1 },
  ])
  using reader = open(log)
  const texts = reader.trace(trace, { sourceRoot: root }).frames.map(({ source }) => source)
  expect(texts).toEqual(['second line', '', undefined, undefined])
  expect(reader.trace(trace).frames[0]).not.toHaveProperty('source')
  expect(() => reader.trace(trace, { root } as never)).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  )
})

test('a raw trace is as it was recorded', () => {
  const log = new LogBuilder()
  const trace = log.trace([{ function: 'a', url: 'file:///app/out.js', line: 1, column: 700 }])
  log.mapped(1, { line: 30, column: 5, file: '/app/in.ts', name: 'original' })
  using reader = open(log)
  const shared = { approximate: false }
  expect(reader.trace(trace).frames).toEqual([
    { function: 'original', file: '/app/in.ts', line: 30, column: 5, ...shared },
  ])
  expect(reader.rawTrace(trace)).toEqual({
    ...reader.trace(trace),
    frames: [{ function: 'a', file: '/app/out.js', line: 1, column: 700, ...shared }],
  })
  expect(reader.rawTrace(99)).toEqual({ index: 0, domain: 'heap', frames: [], truncated: false })
})

test('the last snapshot has what sites() calls live, in the measure of the exact counters', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 60_000, max: 300_000 }), fc.boolean(), async (heapBytes, file) => {
      const log = new LogBuilder()
      const own = `${process.cwd()}/src/core/session/start.ts`
      const traces = [
        log.trace([{ line: 1 }]),
        log.trace([{ line: 2 }]),
        log.trace([{ url: own }]),
        log.trace([{ line: 3 }], 'arrayBuffer'),
      ]
      log.events.sampling(0, 'heap', 512).sampling(0, 'arrayBuffer', 512)
      for (let index = 0; index < 300; index++) {
        log.events.alloc(index, traces[index % 4] as number, 16 + index)
        if (index % 5 === 4) log.events.free(index, traces[(index - 2) % 4] as number, 16 + index - 2, 2)
      }
      log.events.counters(400, { ...NO_COUNTERS, heapBytes, arrayBufferBytes: 20_000 })
      using reader = open(log)
      if (file) await reader.makeDigest({ precision: 0.5 })
      const snapshot = reader.snapshotAt(Number.POSITIVE_INFINITY)
      const live = sites(reader).sites.reduce((sum, site) => sum + site.live, 0)
      expect(snapshot.total / live).toBeCloseTo(1, 5)
      expect(reader.span().live / live).toBeCloseTo(1, 5)
      expect(reader.usageByThread().total.at(-1) as number).toBeCloseTo(snapshot.total, 3)
      if (!file) {
        expect(snapshot.traces.length).toBe(3)
        for (const { trace, bytes } of snapshot.traces) {
          const site = sites(reader).sites.find(
            ({ line, domain }) => line === trace.frames[0]?.line && domain === trace.domain,
          )
          expect(bytes / (site?.live ?? 0)).toBeCloseTo(1, 5)
        }
      }
    }),
    { numRuns: 20 },
  )
})

test('a recording of 8 GiB is opened by its beginning', () => {
  const log = smallLog()
  const base = log.write(`${folderWith()}/log`)
  truncateSync(`${base}.hpd`, 2 ** 33) // a hole: whoever read it all would be long at it
  using reader = read(base)
  expect(reader.trace(1).frames.length).toBe(2)
  const { value: first } = reader.events().next()
  expect(first).toMatchObject({ kind: 'alloc', size: 100 })
  expect(() => Array.from(reader.events())).toThrow('a block of 0 bytes')
})

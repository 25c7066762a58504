import { afterAll, expect, test } from 'vitest'
import { poissonScale, type SizeRange, tableScale } from '../../../src/core/format/sampling.js'
import { read } from '../../../src/core/reader.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

const DEFAULT_TABLE: SizeRange[] = [
  [128, 1e-4],
  [8192, 0.1],
]
const ruleWith = (table: readonly SizeRange[], draw: number) => ({ rule: 1, interval: 0, table, draw })

test.each([
  [0, 10_000],
  [1, 10_000],
  [127, 10_000],
  [128, 10],
  [8191, 10],
  [8192, 1],
  [2 ** 52, 1],
])('under the table a size of %d stands for %d', (size, scale) => {
  expect(tableScale(size, ruleWith(DEFAULT_TABLE, 1))).toBe(scale)
})

test('where V8 draws first, the smaller chance counts', () => {
  const rule = ruleWith(DEFAULT_TABLE, 1185)
  expect(tableScale(64, rule)).toBe(10_000)
  expect(tableScale(4096, rule)).toBe(10)
  expect(tableScale(8192, rule)).toBe(poissonScale(8192, 1185))
  expect(tableScale(8192, rule)).toBeCloseTo(1.000996, 6)
  // A draw that is too coarse for the table: 128 bytes are drawn with 2.5 %, not with 10 %.
  expect(tableScale(128, ruleWith(DEFAULT_TABLE, 5000))).toBe(poissonScale(128, 5000))
})

test('what a table never chooses stands for itself, should it be there', () => {
  expect(tableScale(8, ruleWith([[64, 0]], 1))).toBe(1)
  expect(tableScale(64, ruleWith([[64, 0]], 1))).toBe(1)
})

test('an empty table records everything', () => {
  for (const size of [0, 1, 1e9]) expect(tableScale(size, ruleWith([], 1))).toBe(1)
})

test('a reader tells how each domain was sampled', () => {
  const log = new LogBuilder()
  const [heap, buffer] = [log.trace([]), log.trace([], 'arrayBuffer')]
  log.events.samplingTable(0, 'heap', DEFAULT_TABLE, 1185).sampling(0, 'arrayBuffer', 512)
  log.events.alloc(1, heap, 100).alloc(2, buffer, 512).free(3, heap, 100, 2)
  using reader = read(log.write(folder.base('domains')))
  expect(reader.sampling).toEqual({
    heap: { rule: 1, interval: 0, table: DEFAULT_TABLE, draw: 1185 },
    arrayBuffer: { rule: 0, interval: 512, table: [], draw: 1 },
  })
  expect(Array.from(reader.events()).slice(0, 2)).toMatchObject([
    { kind: 'sampling', domain: 'heap', rule: 1, table: DEFAULT_TABLE },
    { kind: 'sampling', domain: 'arrayBuffer', rule: 0, interval: 512 },
  ])
  const scales = Array.from(reader.events()).flatMap((event) => ('scale' in event ? event.scale : []))
  expect(scales).toEqual([10_000, poissonScale(512, 512), 10_000])
})

test('counters of a recorder without the native domain', () => {
  const log = new LogBuilder()
  log.events.extended(5, 3, Uint8Array.of(7, 6, 5, 4, 3, 2, 1))
  using reader = read(log.write(folder.base('seven')))
  expect(reader.counters).toEqual({
    heapBytes: 7,
    collections: 6,
    majorCollections: 5,
    arrayBufferBytes: 4,
    arrayBufferCalls: 3,
    arrayBufferFreedBytes: 2,
    arrayBufferFrees: 1,
    nativeBytes: 0,
    nativeCalls: 0,
    nativeFrees: 0,
    unseenCollections: 0,
  })
})

test.each([
  [{ sampling: { interval: 4096 }, samplingInterval: 4096 }, { interval: 4096 }],
  [{ sampling: { table: DEFAULT_TABLE }, samplingInterval: 0 }, { table: DEFAULT_TABLE }],
  [{ sampling: { table: [] }, samplingInterval: 0 }, { table: [] }],
  [{ sampling: { table: [[1], 'x', [64, 0.5]] }, samplingInterval: 0 }, { table: [[64, 0.5]] }],
  [{ sampling: 'fine', samplingInterval: 8 }, { interval: 8 }],
  [{ samplingInterval: 8 }, { interval: 8 }],
])('what was asked for, by the header %j', (header, sampling) => {
  using reader = read(new LogBuilder(header).write(folder.base('header')))
  expect(reader.header?.sampling).toEqual(sampling)
})

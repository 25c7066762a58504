import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { type Reader, read } from '../../../src/core/reader.js'
import type { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

const DOMAINS = ['heap', 'arrayBuffer', 'native'] as const
const event = fc.record({
  delta: fc.oneof({ arbitrary: fc.nat(900), weight: 9 }, { arbitrary: fc.nat(20_000), weight: 1 }),
  trace: fc.nat(7),
  size: fc.oneof(fc.nat(3000), fc.integer({ min: 2 ** 32, max: 2 ** 33 })),
  free: fc.boolean(),
  block: fc.boolean(),
})

interface Sums {
  bytes: number
  allocations: number
  samples: number
}

/** Each allocation and, of some, the free; all at whole microseconds. */
function logOf(events: readonly (typeof event extends fc.Arbitrary<infer E> ? E : never)[]): LogBuilder {
  const log = new LogBuilder()
  for (let index = 1; index <= 6; index++) log.trace([{ line: index }], DOMAINS[index % 3])
  log.events.sampling(0, 'heap', 512).sampling(0, 'arrayBuffer', 1)
  const live: { trace: number; size: number; born: number }[] = []
  let time = 0
  for (const { delta, trace, size, free, block } of events) {
    time += delta
    const oldest = free ? live.shift() : undefined
    if (oldest !== undefined) log.events.free(time, oldest.trace, oldest.size, time - oldest.born)
    else {
      log.events.alloc(time, trace, size)
      live.push({ trace, size, born: time })
    }
    if (block) log.blockHpd()
  }
  return log
}

/** What is live of each trace behind all events up to a time, by the events alone. */
function liveAt(reader: Reader, time: number): Map<number, Sums> {
  const live = new Map<number, Sums>()
  for (const event of reader.events()) {
    if ((event.kind !== 'alloc' && event.kind !== 'free') || event.time > time) continue
    const sums = live.get(event.trace) ?? { bytes: 0, allocations: 0, samples: 0 }
    const sign = event.kind === 'alloc' ? 1 : -1
    sums.bytes += (sign * Math.round(event.size * event.scale * 256)) / 256
    sums.allocations += (sign * Math.round(event.scale * 65_536)) / 65_536
    sums.samples += sign
    live.set(event.trace, sums)
  }
  for (const [trace, { samples }] of live) if (samples === 0) live.delete(trace)
  return live
}

function sumsOf({ traces }: Snapshot): Map<number, Sums> {
  return new Map(
    traces.map(({ trace, bytes, allocations, samples }) => [trace.index, { bytes, allocations, samples }]),
  )
}

const total = (sums: Iterable<Sums>): Sums => {
  const all = { bytes: 0, allocations: 0, samples: 0 }
  for (const { bytes, allocations, samples } of sums) {
    all.bytes += bytes
    all.allocations += allocations
    all.samples += samples
  }
  return all
}

test('a snapshot has what is live behind all events up to its time, from a file and from memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 60 }),
      fc.constantFrom(1, 2, 5),
      async (events, milliseconds) => {
        const base = logOf(events).write(folder.base('model'))
        rmSync(`${base}.hpc`, { force: true }) // of the log before, with the same session
        using reader = read(base)
        const inMemory = [...reader.snapshots()]
        expect(reader.hasDigest).toBe(false)
        for (const snapshot of inMemory) expect(sumsOf(snapshot)).toEqual(liveAt(reader, snapshot.time))
        await reader.makeDigest({ interval: milliseconds / 1000 })
        expect(reader.hasDigest).toBe(true)
        const fromFile = reader.snapshots()
        expect(fromFile.complete).toBe(true)
        for (const snapshot of fromFile) expect(sumsOf(snapshot)).toEqual(liveAt(reader, snapshot.time))
        const backwards = Array.from(fromFile, (_, index) => fromFile.at(-1 - index) as Snapshot).reverse()
        expect(backwards).toEqual([...fromFile])
      },
    ),
    { numRuns: 60 },
  )
})

test('snapshots are of the start, of each interval, and of the last event', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
      using reader = read(logOf(events).write(folder.base('times')))
      await reader.makeDigest({ interval: 0.003 })
      const micros = reader.snapshots().times.map((time) => Math.round(time * 1e6))
      const end = Math.round(reader.duration * 1e6)
      const expected = Array.from({ length: Math.ceil(end / 3000) }, (_, index) => index * 3000)
      expect(micros).toEqual([...expected, end])
    }),
    { numRuns: 60 },
  )
})

test('whatever the precision, no byte, allocation or sample is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 60 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (events, precision) => {
        using reader = read(logOf(events).write(folder.base('precision')))
        await reader.makeDigest({ interval: 0.002, precision })
        for (const snapshot of reader.snapshots()) {
          const live = liveAt(reader, snapshot.time)
          const sums = sumsOf(snapshot)
          expect(total(sums.values())).toEqual(total(live.values()))
          let other = 0
          for (const [trace, { bytes }] of sums) {
            if (trace < 0) other += bytes
            else expect(sums.get(trace)).toEqual(live.get(trace))
          }
          expect(other).toBeLessThanOrEqual(precision * total(live.values()).bytes)
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('the smallest traces go together, and one that has grown keeps its entry', async () => {
  const log = new LogBuilder()
  const traces = [1, 2, 3, 4].map((line) => log.trace([{ line }]))
  const [a, b, c, d] = traces as [number, number, number, number]
  log.events.alloc(1, a, 500).alloc(1, b, 300).alloc(1, c, 120).alloc(1, d, 80)
  log.events.alloc(1500, d, 4000).free(2500, d, 4000, 1000).end(3000)
  using reader = read(log.write(folder.base('grown')))
  await reader.makeDigest({ interval: 0.001, precision: 0.2 })
  const entries = (time: number) =>
    reader.snapshotAt(time).traces.map(({ trace, bytes, samples }) => [trace.index, bytes, samples])
  expect(entries(0.001)).toEqual([
    [a, 500, 1],
    [b, 300, 1],
    [-1, 200, 2],
  ])
  expect(entries(0.002)).toEqual([
    [d, 4080, 2],
    [a, 500, 1],
    [b, 300, 1],
    [-1, 120, 1],
  ])
  expect(entries(0.003)).toEqual([
    [a, 500, 1],
    [b, 300, 1],
    [-1, 120, 1],
    [d, 80, 1],
  ])
  expect(reader.snapshotAt(0.001).traces[2]?.trace).toEqual({
    index: -1,
    domain: 'heap',
    frames: [{ function: '(other)', file: '', line: 0, column: 0, approximate: false }],
    truncated: false,
  })
})

test('a recording without events has a snapshot of nothing', async () => {
  using reader = read(new LogBuilder().write(folder.base('empty')))
  expect([...reader.snapshots()].map(({ time, total }) => [time, total])).toEqual([[0, 0]])
  await reader.makeDigest()
  expect([...reader.snapshots()].map(({ time, total }) => [time, total])).toEqual([[0, 0]])
  expect(reader.snapshotInterval).toBe(0.001)
})

test('sums beyond 2^53 bytes stay what doubles can hold', async () => {
  const log = new LogBuilder()
  const trace = log.trace([{ line: 1 }])
  log.events
    .scale(1, 1024)
    .alloc(1, trace, 2 ** 51)
    .scale(2, 1024)
    .alloc(2, trace, 2 ** 51)
  using reader = read(log.write(folder.base('huge')))
  await reader.makeDigest()
  expect(reader.snapshotAt(1).traces).toMatchObject([{ bytes: 2 ** 62, allocations: 2048, samples: 2 }])
})

test('snapshots can be had by place, from the end, and in part', async () => {
  const log = new LogBuilder()
  for (let index = 0; index <= 10; index++) log.events.alloc(index * 1000, 0, 100)
  using reader = read(log.write(folder.base('sequence')))
  await reader.makeDigest({ interval: 0.001 })
  const snapshots = reader.snapshots()
  expect(snapshots.length).toBe(11)
  expect(snapshots.at(3)?.total).toBe(400)
  expect(snapshots.at(-1)?.total).toBe(1100)
  expect(snapshots.at(11)).toBeUndefined()
  expect(snapshots.at(-12)).toBeUndefined()
  const part = snapshots.slice(2, -3)
  expect(part.times).toEqual([0.002, 0.003, 0.004, 0.005, 0.006, 0.007])
  expect(part.slice(-2).at(0)?.total).toBe(700)
  expect(Array.from(part, ({ total }) => total)).toEqual([300, 400, 500, 600, 700, 800])
  expect(snapshots.slice(5, 2).length).toBe(0)
})

test('a time gives the last snapshot that is not after it', async () => {
  const log = new LogBuilder()
  log.events.alloc(0, 0, 1).alloc(1000, 0, 10).alloc(1001, 0, 100).alloc(2500, 0, 1000)
  using reader = read(log.write(folder.base('at')))
  await reader.makeDigest({ interval: 0.001 })
  const at = (time: number) => [reader.snapshotAt(time).time, reader.snapshotAt(time).total]
  expect(at(-5)).toEqual([0, 1])
  expect(at(0)).toEqual([0, 1])
  expect(at(0.000999)).toEqual([0, 1])
  expect(at(0.001)).toEqual([0.001, 11])
  expect(at(0.0024)).toEqual([0.002, 111])
  expect(at(0.0025)).toEqual([0.0025, 1111])
  expect(at(Number.POSITIVE_INFINITY)).toEqual([0.0025, 1111])
  for (const wrong of [Number.NaN, '1', undefined])
    expect(() => reader.snapshotAt(wrong as number)).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    )
})

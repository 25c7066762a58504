// What heapprof's digest got wrong, by the numbers of our list of its bugs, against the digest that we make: of recordings
// that heapprof made, and of ours. Its sampler and writer: test/native/regressions.test.ts, where the rest is named.
import { copyFileSync, existsSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import type { AllocEvent, FreeEvent } from '../../../src/core/events.js'
import { readHeapprofDigest } from '../../../src/core/heapprof/digest.js'
import { read } from '../../../src/core/reader.js'
import type { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'
import { type Fixture, fixture } from './fixtures.js'

const folder = logFolder()
afterAll(folder.remove)

let count = 0
function copyOf(name: Fixture, base = folder.base(`copy-${count++}`)): string {
  for (const extension of ['hpm', 'hpd'])
    copyFileSync(`${fixture(name)}.${extension}`, `${base}.${extension}`)
  return base
}

const usageOf = ({ traces }: Snapshot) => new Map(traces.map(({ trace, bytes }) => [trace.index, bytes]))

test.each(['default', 'table', 'shipped'] as const)(
  '%s: our digest says what that of heapprof does',
  async (name) => {
    const theirs = readHeapprofDigest(fixture(name))
    using reader = read(copyOf(name))
    await reader.makeDigest({ interval: theirs.interval })
    const events: (AllocEvent | FreeEvent)[] = []
    for (const event of reader.events())
      if (event.kind === 'alloc' || event.kind === 'free') events.push(event)
    for (const { time, usage } of theirs) {
      const snapshot = reader.snapshotAt(time)
      expect(snapshot.time).toBeCloseTo(time, 6)
      const ours = usageOf(snapshot)
      // Their snapshot has one event more than is due: the first at or after its time.
      const next = events.find((event) => event.time >= time) as AllocEvent | FreeEvent
      const bytes = next.size * next.scale * (next.kind === 'alloc' ? 1 : -1)
      ours.set(next.trace, (ours.get(next.trace) ?? 0) + bytes)
      // They round the bytes of each event down.
      for (const trace of new Set([...ours.keys(), ...usage.keys()])) {
        const difference = (ours.get(trace) ?? 0) - (usage.get(trace) ?? 0)
        expect(Math.abs(difference)).toBeLessThan(events.filter((event) => event.trace === trace).length)
      }
    }
  },
)

test('B2: a precision above 0 loses no byte, wherever it cuts', async () => {
  using exact = read(copyOf('shipped'))
  const totals = Array.from(exact.snapshots(), ({ total }) => total)
  expect(totals.length).toBeGreaterThan(50)
  for (const precision of [0.01, 0.02, 0.05, 0.5, 0.999]) {
    using reader = read(copyOf('shipped'))
    await reader.makeDigest({ precision })
    const snapshots = Array.from(reader.snapshots())
    expect(snapshots.length).toBe(totals.length)
    for (const [index, { total }] of snapshots.entries()) {
      expect(Math.abs(total - (totals[index] as number))).toBeLessThanOrEqual(1e-6 * total)
    }
  }
})

test('B3: a precision above 0 where one trace holds nearly everything, or is the only one', async () => {
  for (const extra of [0, 1]) {
    const log = new LogBuilder()
    const [leak, small] = [log.trace([{ line: 1 }]), log.trace([{ line: 2 }])]
    log.events.sampling(0, 'heap', 1)
    for (let index = 0; index < 100; index++) log.events.alloc(index * 1000, leak, 1e6)
    if (extra > 0) log.events.alloc(99_000, small, 8)
    using reader = read(log.write(folder.base(`leak-${extra}`)))
    await reader.makeDigest({ precision: 0.01, interval: 0.01 })
    const last = reader.snapshots().at(-1)
    expect(last?.total).toBe(100e6 + 8 * extra)
    expect(last?.traces[0]).toMatchObject({ bytes: 100e6, trace: { index: leak } })
  }
})

test('B5: a recording shorter than the interval, and the end of any, are in our digest', async () => {
  using reader = read(copyOf('everything'))
  await reader.makeDigest({ interval: 60 })
  const snapshots = reader.snapshots()
  expect(snapshots.times.at(-1)).toBe(reader.duration)
  expect(snapshots.at(-1)?.total).toBe(220 + 144 + 364 + 872 + 11114)
  expect(reader.snapshotAt(1e9).total).toBe(snapshots.at(-1)?.total)
})

test('B7: traces of 2 GiB and more stay what they are', async () => {
  const log = new LogBuilder()
  const trace = log.trace([{}])
  log.events
    .sampling(0, 'heap', 1)
    .alloc(1, trace, 2 ** 31)
    .alloc(2, trace, 3 * 2 ** 30 + 33)
  using reader = read(log.write(folder.base('great')))
  await reader.makeDigest()
  expect(reader.snapshotAt(1).total).toBe(2 ** 31 + 3 * 2 ** 30 + 33)
})

test('B8: an interval of less than a millisecond is refused, and fills no disk', async () => {
  using reader = read(copyOf('default'))
  for (const interval of [0, 0.0009, -1, Number.NaN]) {
    await expect(reader.makeDigest({ interval })).rejects.toMatchObject({ code: 'invalid-argument' })
  }
  expect(existsSync(`${reader.fileBase}.hpc`)).toBe(false)
})

test('B9: a digest of an earlier recording is not used, nor is one of heapprof itself', async () => {
  const base = copyOf('default')
  {
    using reader = read(base)
    await reader.makeDigest()
  }
  using first = read(base)
  expect(first.hasDigest).toBe(true)
  copyOf('table', base)
  using second = read(base)
  expect(second.hasDigest).toBe(false)
  expect(second.snapshotAt(1e9).traces.length).toBe(
    readHeapprofDigest(fixture('table')).snapshot(3).usage.size,
  )
  copyFileSync(`${fixture('table')}.hpc`, `${base}.hpc`)
  using third = read(base)
  expect(third.hasDigest).toBe(false)
})

test('the numbers of assumeAll are not taken from a digest of the others', async () => {
  const base = copyOf('shipped')
  {
    using reader = read(base)
    await reader.makeDigest()
    expect(reader.snapshotAt(1e9).total).toBeGreaterThan(100e6)
  }
  using reader = read(base, { assumeAll: true })
  expect(reader.hasDigest).toBe(false)
  expect(reader.snapshotAt(1e9).total).toBeLessThan(1e6)
})

test('B18: what has no trace stays apart from what is left together, and neither is lost', async () => {
  const log = new LogBuilder()
  const traces = [1, 2, 3, 4].map((line) => log.trace([{ line }]))
  log.events.sampling(0, 'heap', 1).alloc(1, 0, 500)
  for (const [index, trace] of traces.entries()) log.events.alloc(2, trace, 10 ** index)
  using reader = read(log.write(folder.base('other')))
  await reader.makeDigest({ precision: 0.05 })
  const last = reader.snapshots().at(-1) as Snapshot
  expect(last.total).toBe(1611)
  const usage = usageOf(last)
  expect(usage.get(0)).toBe(500)
  expect(usage.get(-1)).toBe(11)
})

import { expect, test } from 'vitest'
import { type Reader, read } from '../../../src/core/reader.js'
import { folderWith } from '../../support/command-line.js'
import { LogBuilder } from '../../support/log-builder.js'

// What went wrong in heapprof 1.0.2, whose reader this one takes after.

const open = (log: LogBuilder): Reader => read(log.write(`${folderWith()}/log`))

test('a precision loses no bytes', async () => {
  const log = new LogBuilder()
  const sizes = [1, 2, 4, 8, 16, 1504]
  for (const [index, size] of sizes.entries()) log.events.alloc(1, log.trace([{ line: index + 1 }]), size)
  using reader = open(log)
  for (const precision of [0, 0.01, 0.02, 0.05, 0.5, 0.99]) {
    await reader.makeDigest({ precision })
    expect(reader.snapshotAt(1).total).toBe(1535)
  }
})

test('a precision of more than all but the largest stack has, and of a single stack, is no mistake', async () => {
  const single = new LogBuilder()
  single.events.alloc(1, single.trace([{ line: 1 }]), 1_000_000)
  using reader = open(single)
  await reader.makeDigest({ precision: 0.5 })
  expect(reader.snapshotAt(1).traces).toMatchObject([{ trace: { index: 1 }, bytes: 1_000_000 }])
})

test('a recording shorter than the interval has its end, and so has the tail of any', async () => {
  const log = new LogBuilder()
  log.events.alloc(10, 0, 100).alloc(2_500_000, 0, 10)
  using reader = open(log)
  await reader.makeDigest({ interval: 60 })
  expect(Array.from(reader.snapshots(), ({ time, total }) => [time, total])).toEqual([
    [0, 0],
    [2.5, 110],
  ])
  await reader.makeDigest({ interval: 1 })
  expect(reader.snapshots().times).toEqual([0, 1, 2, 2.5])
  expect(reader.snapshotAt(2.4).total).toBe(100)
})

test('time does not drift: a million events, and intervals that are no sum of powers of two', async () => {
  const log = new LogBuilder()
  for (let index = 1; index <= 1_000_000; index++) {
    log.events.alloc(index * 7, 0, 8)
    if (index % 10_000 === 0) log.blockHpd()
  }
  using reader = open(log)
  expect(reader.duration).toBe(7)
  await reader.makeDigest({ interval: 0.001 })
  const { times } = reader.snapshots()
  expect(times).toEqual(Array.from({ length: 7001 }, (_, index) => index / 1000))
  for (const index of [1, 333, 6999]) {
    expect(reader.snapshots().at(index)?.total).toBe(8 * Math.floor((index * 1000) / 7))
  }
})

test('sizes and sums beyond 2 and 4 GiB are what they are', async () => {
  const log = new LogBuilder()
  const trace = log.trace([{ line: 1 }])
  for (let time = 1; time <= 4; time++) log.events.alloc(time, trace, 3 * 2 ** 30 + 33)
  log.events.free(1_000_000, trace, 3 * 2 ** 30 + 33, 999_999)
  using reader = open(log)
  await reader.makeDigest({ interval: 0.5 })
  expect(Array.from(reader.snapshots(), ({ total }) => total)).toEqual([
    0,
    4 * (3 * 2 ** 30 + 33),
    3 * (3 * 2 ** 30 + 33),
  ])
  expect(reader.peak()).toMatchObject({ time: 0.000004, bytes: 12_884_902_020 })
})

test('an interval below a millisecond is refused, and writes nothing', async () => {
  using reader = open(new LogBuilder())
  for (const interval of [0, 0.0004, -1, Number.NaN]) {
    await expect(reader.makeDigest({ interval })).rejects.toMatchObject({ code: 'invalid-argument' })
  }
  expect(reader.hasDigest).toBe(false)
})

test('the digest of a former recording with the same file base is not taken for one of the new', async () => {
  const base = `${folderWith()}/log`
  const write = (session: number, size: number): void => {
    const log = new LogBuilder(undefined, new Uint8Array(16).fill(session))
    log.events.alloc(1, 0, size)
    log.write(base)
  }
  write(1, 100)
  {
    using reader = read(base)
    await reader.makeDigest()
  }
  write(2, 200)
  using reader = read(base)
  expect([reader.hasDigest, reader.snapshotAt(1).total]).toEqual([false, 200])
})

test('no time of an event is before that of the one before, whatever the bytes', () => {
  // The format has no way to say it: a difference is never below zero.
  const log = new LogBuilder()
  log.events
    .alloc(1000, 0, 8)
    .alloc(1000, 0, 8)
    .free(1000, 0, 8, 0)
    .end(2 ** 50)
  using reader = open(log)
  expect(Array.from(reader.events(), ({ time }) => time)).toEqual([0.001, 0.001, 0.001, 2 ** 50 / 1e6])
})

test('the others stand beside the unknown trace, not in its place', async () => {
  const log = new LogBuilder()
  log.events
    .alloc(1, 0, 700)
    .alloc(1, log.trace([{ line: 1 }]), 250)
    .alloc(1, log.trace([{ line: 2 }]), 50)
  using reader = open(log)
  await reader.makeDigest({ precision: 0.1 })
  expect(reader.snapshotAt(1).traces.map(({ trace, bytes }) => [trace.index, bytes])).toEqual([
    [0, 700],
    [1, 250],
    [-1, 50],
  ])
})

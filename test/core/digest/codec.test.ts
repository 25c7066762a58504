import { expect, test } from 'vitest'
import { MemoryFile } from '../../../src/core/digest/file.js'
import { usualInterval } from '../../../src/core/digest/interval.js'
import { readAmount, writeAmount } from '../../../src/core/format/amount.js'
import { COLUMNS, FIRST_TRACE } from '../../../src/core/format/hpc.js'
import { DigestReader } from '../../../src/core/format/hpc-reader.js'
import { DigestWriter } from '../../../src/core/format/hpc-writer.js'
import { ByteReader, ByteWriter } from '../../../src/core/format/varint.js'

const ORIGIN = { metadataSize: 24, eventsSize: 24, interval: 1000, precision: 0 }
const DOMAINS = Array.from({ length: 3 }, () => ({ samples: 0, bytes: 0, sampling: undefined }))
const SUMMARY = { time: 9000, ignored: 0, counters: undefined, end: undefined, domains: DOMAINS }

test('a snapshot of a million traces goes on from block to block', () => {
  const traces = 1_000_000
  const sink = new MemoryFile()
  const writer = new DigestWriter(sink, new Uint8Array(16), ORIGIN)
  writer.begin(0, true)
  for (let trace = 1; trace <= traces; trace++) {
    const sums = Float64Array.of(2 ** 60 + trace * 2 ** 10, 2 ** 50, trace, 0, 0, 0)
    writer.entry(trace + FIRST_TRACE, sums, 0, undefined)
  }
  expect(writer.end()).toBeGreaterThan(2 ** 24)
  writer.begin(1000, false)
  writer.entry(FIRST_TRACE + traces, Float64Array.of(0, 0, 0, 512, 3, 1), 0, Float64Array.of(7, 8, 9))
  writer.end()
  writer.finish(true, SUMMARY)
  const digest = DigestReader.open(sink.input('log.hpc'), traces)
  const row = (snapshot: number, slot: number) =>
    Array.from(digest?.sums(snapshot).subarray(slot * COLUMNS, (slot + 1) * COLUMNS) ?? [])
  for (const trace of [1, 500_000, traces]) {
    expect(row(0, trace + FIRST_TRACE)).toEqual([2 ** 60 + trace * 2 ** 10, 2 ** 50, trace, 0, 0, 0, 0, 0, 0])
  }
  expect(row(1, FIRST_TRACE + traces).slice(2)).toEqual([traces, 512, 3, 1, 7, 8, 9])
  expect(row(0, FIRST_TRACE + traces).slice(2)).toEqual([traces, 0, 0, 0, 0, 0, 0])
})

test('a digest of another recording may name traces that this one does not have', () => {
  const sink = new MemoryFile()
  const writer = new DigestWriter(sink, new Uint8Array(16), ORIGIN)
  writer.begin(0, true)
  writer.entry(FIRST_TRACE + 3, Float64Array.of(1, 1, 1, 0, 0, 0), 0, undefined)
  writer.end()
  writer.finish(true, SUMMARY)
  expect(DigestReader.open(sink.input('log.hpc'), 3)?.sums(0).length).toBe((FIRST_TRACE + 4) * COLUMNS)
  expect(() => DigestReader.open(sink.input('log.hpc'), 2)?.sums(0)).toThrow(
    'log.hpc: damaged at byte 55: a trace that the recording does not have',
  )
})

test.each([0, 1, 255, 256, 2 ** 31, 2 ** 52 - 1, 2 ** 52, 2 ** 53 - 1, 2 ** 60, 2 ** 109])(
  '%d units',
  (units) => {
    const output = new ByteWriter()
    writeAmount(output, units)
    const input = new ByteReader('log.hpc', output.take())
    expect(readAmount(input)).toBe(units)
    expect(input.position).toBe(input.end)
  },
)

test.each([
  [0, 0.001],
  [0.01, 0.001],
  [0.2, 0.001],
  [0.21, 0.002],
  [1, 0.005],
  [10, 0.05],
  [60, 0.5],
  [599, 5],
  [3600, 20],
  [86_400, 500],
  [2 ** 53 / 1e6, 50_000_000],
])('a recording of %d s has a snapshot every %d s', (duration, interval) => {
  expect(usualInterval(duration * 1e6) / 1e6).toBe(interval)
})

import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exportHeapprof } from '../../../src/core/heapprof/export.js'
import { packageRoot } from '../../../src/core/package-root.js'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { HEADER, LogBuilder, logFolder, writeLog } from '../../support/log-builder.js'
import { decode, liveOf } from './decoder.js'

const folder = logFolder()
afterAll(folder.remove)

let count = 0
const fresh = (): string => folder.base(`export-${count++}`)

function exported(log: LogBuilder, options?: Parameters<typeof exportHeapprof>[2]) {
  const base = fresh()
  using reader = read(log.write(fresh()))
  const told = exportHeapprof(reader, base, options)
  return { base, told, ...decode(base) }
}

test('stacks: leaf first, plain paths, lines and indexes as they were', () => {
  const log = new LogBuilder()
  const used = log.trace([
    { function: 'leaf', url: 'file:///app/gr%C3%B6%C3%9Fe.js', line: 7 },
    { function: 'root', url: 'node:internal/main', line: 0 },
  ])
  log.trace([{ url: '/app/unused.js' }])
  const odd = log.trace([
    { function: 'builtin', url: '' },
    { url: '/app/a;b\nc\u0007.js', line: 2 ** 40 },
  ])
  log.events.sampling(0, 'heap', 1).alloc(1, used, 8).alloc(2, odd, 8).alloc(3, 0, 8)
  const { traces, events, told } = exported(log)
  expect(traces).toEqual([
    ['/app/größe.js:7', 'node:internal/main:0'],
    [],
    ['builtin:1', '/app/a_b_c_.js:2147483646'],
  ])
  expect(events.map(({ trace }) => trace)).toEqual([used, odd, 0])
  expect(told).toEqual({ events: 3, traces: 2, largestError: 0, warnings: [] })
})

test('a name that is not Unicode is written as valid UTF-8', () => {
  const log = new LogBuilder()
  const trace = log.trace([{ url: '/app/\ud800.js' }])
  log.events.alloc(1, trace, 8)
  expect(exported(log).traces).toEqual([['/app/\ufffd.js:1']])
})

test('the start is written to the nanosecond', () => {
  const log = new LogBuilder({ ...HEADER, startTime: 1_700_000_000_123.25 })
  expect(exported(log).start).toEqual([1_700_000_000n, 123_250_000n])
  // A header may say anything.
  expect(exported(new LogBuilder({ ...HEADER, startTime: -5 })).start).toEqual([0n, 0n])
  expect(exported(new LogBuilder({ ...HEADER, startTime: 1e300 })).start).toEqual([0n, 0n])
})

test('B6: no time is lost between events, however many there are', () => {
  const log = new LogBuilder()
  const trace = log.trace([{}])
  log.events.sampling(0, 'heap', 1)
  let time = 0
  for (let index = 0; index < 10_000; index++) {
    time += index % 1000 === 0 ? 1_000_001 : 1
    log.events.collection(time, 1, 0, 0, 0).alloc(time, trace, 8)
  }
  const { events } = exported(log)
  expect(events.length).toBe(10_000)
  expect(events.reduce((sum, { passed }) => sum + passed, 0)).toBe(time)
})

test('B7: blocks of 2 GiB and more become several events, when they come and when they go', () => {
  const sizes = [2 ** 31 - 1, 2 ** 31, 3 * 2 ** 30 + 33, 10 * 2 ** 30 + 8]
  for (const option of ['weighted', 'original'] as const) {
    const log = new LogBuilder()
    const trace = log.trace([{}])
    log.events.sampling(0, 'heap', 1)
    for (const [index, size] of sizes.entries()) log.events.alloc(index, trace, size)
    for (const [index, size] of sizes.entries()) log.events.free(index + 10, trace, size, 10)
    const { events, told } = exported(log, { sizes: option })
    const allocated = events.filter(({ free }) => !free)
    expect(allocated.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sizes.reduce((sum, size) => sum + size))
    expect(allocated.length).toBe(1 + 2 + 2 + 6)
    expect(liveOf(events)).toEqual(new Map([[trace, 0]]))
    expect(told.events).toBe(22)
    expect(told.warnings).toEqual([expect.stringContaining('2 GiB or more live (trace 1 up to 18.3 GB)')])
  }
})

test('weighted sizes: each event has the bytes it stands for, to half a byte', () => {
  const log = new LogBuilder()
  const trace = log.trace([{}])
  const large = log.trace([{ line: 2 }], 'arrayBuffer')
  log.events.sampling(0, 'heap', 512).sampling(0, 'arrayBuffer', 2 ** 20)
  for (const size of [16, 512, 8192]) log.events.alloc(1, trace, size)
  log.events.alloc(2, large, 1000).free(3, trace, 16, 2).scale(4, 2.5).alloc(4, trace, 101)
  const { ranges, events, told } = exported(log)
  expect(ranges).toEqual([])
  expect(events.map(({ size }) => size)).toEqual([520, 810, 8192, 1049076, 520, 253])
  expect(told.largestError).toBeLessThanOrEqual(0.5 / 252.5)
  expect(told.largestError).toBeGreaterThan(0)
})

test('original sizes: a table of the sizes that there are comes to the same bytes', () => {
  const log = new LogBuilder()
  const trace = log.trace([{}])
  log.events.sampling(0, 'heap', 512)
  const sizes = [16, 24, 512, 1022, 8192, 8192, 1e6]
  for (const size of sizes) log.events.alloc(1, trace, size)
  log.events.free(2, trace, 24, 1)
  const { ranges, events, told } = exported(log, { sizes: 'original' })
  expect(events.map(({ size }) => size)).toEqual([...sizes, 24])
  for (const { size, bytes } of events) expect(bytes / (size / -Math.expm1(-size / 512))).toBeCloseTo(1, 8)
  expect(told.largestError).toBeLessThan(1e-8)
  expect(ranges.length).toBeLessThanOrEqual(6)
})

test('original sizes: where two rules meet in one size, the sum is right and the error is told', () => {
  const log = new LogBuilder()
  const heap = log.trace([{}])
  const buffer = log.trace([{}], 'arrayBuffer')
  log.events.sampling(0, 'heap', 512).sampling(0, 'arrayBuffer', 2 ** 16)
  log.events.alloc(1, heap, 256).alloc(1, buffer, 256)
  const { events, told } = exported(log, { sizes: 'original' })
  const [small, great] = [256 / -Math.expm1(-256 / 512), 256 / -Math.expm1(-256 / 2 ** 16)]
  const total = events.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(total / (small + great)).toBeCloseTo(1, 6)
  expect(told.largestError).toBeCloseTo((small + great) / 2 / small - 1, 2)
})

test('without events, without anything', () => {
  expect(exported(new LogBuilder())).toMatchObject({ traces: [], events: [], ranges: [] })
  const base = fresh()
  using reader = read(writeLog(fresh(), new Uint8Array(), new LogBuilder().hpd()))
  const { warnings } = exportHeapprof(reader, base)
  expect(decode(base).start).toEqual([0n, 0n])
  expect(warnings).toEqual(['the recording has no header: its start is written as 1970'])
})

test('bytes are in the measure of the exact counters, as those of sites() are', () => {
  const log = new LogBuilder()
  const trace = log.trace([{}])
  log.events.sampling(0, 'heap', 1024)
  for (let index = 0; index < 200; index++) log.events.alloc(index, trace, 1024)
  const counters = { heapBytes: 400_000, collections: 0, majorCollections: 0, arrayBufferBytes: 0 }
  const buffers = { arrayBufferCalls: 0, arrayBufferFreedBytes: 0, arrayBufferFrees: 0 }
  const native = { nativeBytes: 0, nativeCalls: 0, nativeFrees: 0, unseenCollections: 0 }
  log.events.counters(300, { ...counters, ...buffers, ...native })
  const base = fresh()
  using reader = read(log.write(fresh()))
  expect(sites(reader).self).toBeCloseTo(400_000, 6)
  for (const option of ['weighted', 'original'] as const) {
    exportHeapprof(reader, base, { sizes: option })
    const total = decode(base).events.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(total).toBeCloseTo(400_000, option === 'weighted' ? 6 : 1)
  }
})

test('what heapproof itself allocates is left out, and the other domains on demand', () => {
  const log = new LogBuilder()
  const own = log.trace([{ url: join(packageRoot(), 'src/core/session/start.ts') }])
  const heap = log.trace([{}])
  const buffer = log.trace([{}], 'arrayBuffer')
  log.events.alloc(1, own, 8).alloc(2, heap, 16).alloc(3, buffer, 32)
  const sizesOf = (options?: object) => exported(log, options).events.map(({ size }) => size)
  expect(sizesOf()).toEqual([16, 32])
  expect(sizesOf({ domain: 'heap' })).toEqual([16])
  expect(sizesOf({ domain: 'arrayBuffer' })).toEqual([32])
  expect(sizesOf({ domain: 'native' })).toEqual([])
})

test('a recording is not written over itself, by whatever name', () => {
  const log = new LogBuilder()
  log.events.alloc(1, log.trace([{}]), 8)
  const base = log.write(fresh())
  const before = readFileSync(`${base}.hpm`)
  const link = fresh()
  symlinkSync(`${base}.hpd`, `${link}.hpd`)
  using reader = read(base)
  for (const target of [base, link]) {
    expect(() => exportHeapprof(reader, target)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringContaining('which is to be read'),
      }),
    )
  }
  expect(readFileSync(`${base}.hpm`)).toEqual(before)
})

test('B9: a digest of what the files held before does not stay beside them', () => {
  const log = new LogBuilder()
  const base = fresh()
  using reader = read(log.write(fresh()))
  for (const extension of ['hpm', 'hpd', 'hpc']) writeFileSync(`${base}.${extension}`, 'old')
  exportHeapprof(reader, base)
  expect(existsSync(`${base}.hpc`)).toBe(false)
  expect(decode(base).events).toEqual([])
})

test('what cannot be written leaves what was there', () => {
  const log = new LogBuilder()
  log.events.alloc(1, log.trace([{}]), 2 ** 52)
  const base = fresh()
  using reader = read(log.write(fresh()))
  for (const extension of ['hpm', 'hpd', 'hpc']) writeFileSync(`${base}.${extension}`, 'old')
  expect(() => exportHeapprof(reader, base)).toThrow(expect.objectContaining({ code: 'too-large' }))
  for (const extension of ['hpm', 'hpd', 'hpc'])
    expect(readFileSync(`${base}.${extension}`, 'utf8')).toBe('old')
  const late = new LogBuilder()
  late.events.alloc(2 ** 51 - 1, late.trace([{}]), 8)
  using other = read(late.write(fresh()))
  expect(() => exportHeapprof(other, base)).toThrow(expect.objectContaining({ code: 'too-large' }))
})

test('wrong arguments and places are refused with a code', () => {
  using reader = read(new LogBuilder().write(fresh()))
  const refusal = (code: string) => expect.objectContaining({ name: 'HeapproofError', code })
  const write = exportHeapprof as (...given: unknown[]) => unknown
  expect(() => write('base', fresh())).toThrow(refusal('invalid-argument'))
  expect(() => write(reader, '')).toThrow(refusal('invalid-argument'))
  expect(() => write(reader, 'a\0b')).toThrow(refusal('invalid-argument'))
  expect(() => write(reader, fresh(), { sizes: 'scaled' })).toThrow(refusal('invalid-argument'))
  expect(() => write(reader, fresh(), { domain: 'heaps' })).toThrow(refusal('invalid-argument'))
  expect(() => write(reader, fresh(), { size: 'weighted' })).toThrow(/did you mean "sizes"/)
  expect(() => write(reader, folder.base('nowhere/base'))).toThrow(refusal('cannot-write'))
  mkdirSync(folder.base('directory'))
  expect(() => write(reader, folder.base('directory'))).toThrow(refusal('cannot-write'))
})

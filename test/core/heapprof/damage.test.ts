import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { HeapproofError } from '../../../src/core/errors.js'
import { readHeapprofDigest } from '../../../src/core/heapprof/digest.js'
import { read } from '../../../src/core/reader.js'
import { logFolder, writeLog } from '../../support/log-builder.js'
import { bytesOf, type Fixture } from './fixtures.js'

const folder = logFolder()
afterAll(folder.remove)

/** Everything a reader can be asked for. */
function readAll(hpm: Uint8Array, hpd: Uint8Array) {
  using reader = read(writeLog(folder.base('log'), hpm, hpd))
  const events = Array.from(reader.events())
  const traces = Array.from({ length: reader.traceCount }, (_, index) => reader.trace(index + 1))
  const { header, duration, truncated, end, sampling } = reader
  return { events, traces, header, duration, truncated, end, sampling }
}

function digestOf(hpc: Uint8Array) {
  const base = folder.base('digest')
  writeFileSync(`${base}.hpc`, hpc)
  const digest = readHeapprofDigest(base)
  const { complete, truncated, interval } = digest
  return { snapshots: Array.from(digest), complete, truncated, interval }
}

function refusal(action: () => unknown): HeapproofError | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ name: 'HeapproofError' })
    return error as HeapproofError
  }
}

const WHOLE: readonly Fixture[] = ['default', 'everything', 'backward']

test.each(WHOLE)('%s: every beginning of the .hpd reads as the beginning of the recording', (name) => {
  const [hpm, hpd] = [bytesOf(name, 'hpm'), bytesOf(name, 'hpd').subarray(0, 400)]
  const whole = readAll(hpm, hpd)
  let ends = 0
  for (let length = 0; length <= hpd.length; length++) {
    const cut = readAll(hpm, hpd.subarray(0, length))
    expect(cut.events).toEqual(whole.events.slice(0, cut.events.length))
    expect(cut.truncated).toBeLessThan(14)
    expect(cut.end === '').toBe(cut.truncated === 0)
    if (cut.truncated === 0) ends++
  }
  // The first event is that of the table, which is not in the file: it is there at length 0, as is no other.
  expect(ends).toBe(whole.events.length)
})

test.each(WHOLE)('%s: every beginning of the .hpm reads, and stacks that are missing are unknown', (name) => {
  const [hpm, hpd] = [bytesOf(name, 'hpm'), bytesOf(name, 'hpd').subarray(0, 300)]
  const whole = readAll(hpm, hpd)
  let ends = 0
  for (let length = 1; length <= hpm.length; length++) {
    const cut = readAll(hpm.subarray(0, length), hpd)
    expect(cut.traces).toEqual(whole.traces.slice(0, cut.traces.length))
    expect(cut.duration).toBe(whole.duration)
    const allocations = (events: typeof whole.events) =>
      events.filter(({ kind }) => kind !== 'sampling').length
    expect(allocations(cut.events)).toBe(allocations(whole.events))
    expect(cut.header === undefined).toBe(cut.sampling.heap === undefined)
    if (cut.header !== undefined) expect(cut.header).toEqual(whole.header)
    if (cut.truncated === whole.truncated) ends++
  }
  // At the end of the table, and of each stack.
  expect(ends).toBe(whole.traces.length + 1)
})

test.each(['default', 'table', 'shipped'] as const)('%s: every beginning of the .hpc reads', (name) => {
  const hpc = bytesOf(name, 'hpc')
  const whole = digestOf(hpc)
  expect(whole).toMatchObject({ complete: true, truncated: 0 })
  for (let length = 0; length < hpc.length; length++) {
    const cut = digestOf(hpc.subarray(0, length))
    expect(cut.snapshots).toEqual(whole.snapshots.slice(0, cut.snapshots.length))
    expect(cut.complete).toBe(false)
  }
})

const hpm = (...tail: number[]) => Uint8Array.from([0, 0, 0, 1, ...new Array(16).fill(0), ...tail])
const event = (...tail: number[]) => Uint8Array.from([0, 0, 0, 0, ...tail])
const name = (...bytes: number[]) => hpm(0, 2, bytes.length, ...bytes, 0)

test.each([
  ['another version', Uint8Array.of(0, 0, 0, 2), event(), 'unsupported-version', /version 2 .*expected 1$/],
  [
    'a start after all time',
    Uint8Array.of(0, 0, 0, 1, 1, ...new Array(20).fill(0)),
    event(),
    'damaged-profile',
    /byte 4: a start/,
  ],
  [
    'nanoseconds that are none',
    Uint8Array.of(0, 0, 0, 1, ...new Array(8).fill(0), 0, 0, 0, 0, 255, 0, 0, 0, 0),
    event(),
    'damaged-profile',
    /byte 12: 4278190080 nanoseconds/,
  ],
  [
    'too many ranges',
    hpm(0x80, 0x80, 0x80, 0x80, 1),
    event(),
    'damaged-profile',
    /byte 20: 268435456 ranges/,
  ],
  [
    'ranges that do not ascend',
    hpm(2, ...[0, 0, 0, 0, 0, 0, 0, 9, 1, 1, 1, 1], ...[0, 0, 0, 0, 0, 0, 0, 9, 1, 1, 1, 1]),
    event(),
    'damaged-profile',
    /byte 33: a range of sizes below 9 behind one below 9/,
  ],
  [
    'a line beyond all',
    hpm(0, 0x81, 0x80, 0x80, 0x80, 8, 1, 65, 0),
    event(),
    'damaged-profile',
    /byte 21: line 2147483648/,
  ],
  [
    'a name that is not UTF-8',
    name(0xc3),
    event(),
    'damaged-profile',
    /byte 22: the name of a file that is not UTF-8/,
  ],
  [
    'a name beyond all',
    hpm(0, 2, 0x81, 0x80, 0x80, 0x80, 1),
    event(),
    'damaged-profile',
    /byte 22: a name of 268435457 bytes/,
  ],
  [
    'a number longer than 64 bits',
    hpm(0),
    event(...new Array(10).fill(0x80), 0),
    'damaged-profile',
    /byte 4: a number is longer than 64 bits/,
  ],
  [
    'a size beyond all',
    hpm(0),
    event(0, 0, ...new Array(8).fill(0xff), 1),
    'damaged-profile',
    /byte 6: a number is greater than 2\^53 - 1/,
  ],
  [
    'a million microseconds',
    hpm(0),
    event(0, 0xc0, 0x84, 0x3d, 1),
    'damaged-profile',
    /byte 5: 1000000 microseconds/,
  ],
  [
    'more than 68 years',
    hpm(0),
    event(0x80, 0x80, 0x80, 0x80, 8, 0, 1),
    'damaged-profile',
    /byte 4: 2147483648 seconds/,
  ],
] as const)('%s is named with its place', (_what, metadata, events, code, sentence) => {
  const refused = refusal(() => readAll(metadata, events))
  expect(refused?.code).toBe(code)
  expect(refused?.message).toMatch(sentence)
  expect(refused?.message).toMatch(/log\.hp[md]: /)
})

test('the greatest that is right is read', () => {
  const [line, second] = [
    [0x80, 0x80, 0x80, 0x80, 8],
    [0xff, 0xff, 0xff, 0xff, 7],
  ]
  const read = readAll(
    hpm(0, ...line, 1, 65, 0),
    Uint8Array.from([
      0x3f,
      255,
      255,
      255,
      ...second,
      0xbf,
      0x84,
      0x3d,
      1,
      0x40,
      0,
      0,
      1,
      0,
      0,
      ...new Array(7).fill(0xff),
      15,
    ]),
  )
  expect(read.traces[0]?.frames[0]?.line).toBe(2 ** 31 - 1)
  expect(read.events.slice(1)).toMatchObject([
    { kind: 'alloc', trace: 0, size: 1, time: 2 ** 31 - 1 + 0.999999 },
    { kind: 'free', trace: 1, size: Number.MAX_SAFE_INTEGER },
  ])
})

test('a range with probability 0, of which there should be no samples, does not make them nothing', () => {
  const range = [0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 0]
  const { events } = readAll(hpm(1, ...range), event(0, 0, 50))
  expect(events[1]).toMatchObject({ size: 50, scale: 1 })
})

test('ranges that hold nothing, and those beyond all sizes, do not disturb', () => {
  const range = (bound: readonly number[], p: number) => [...bound, p, 255, 255, 255]
  const bounds = [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 9],
    [0x7f, 255, 255, 255, 255, 255, 255, 255],
    new Array(8).fill(255),
  ]
  const { header, sampling } = readAll(hpm(4, ...bounds.flatMap((bound) => range(bound, 0x7f))), event())
  expect(header?.sampling).toEqual({
    table: [
      [9, 0.5],
      [Number.MAX_SAFE_INTEGER, 0.5],
    ],
  })
  expect(sampling.heap).toMatchObject({
    table: [
      [9, (2 ** 31 - 1) / (2 ** 32 - 1)],
      [Number.MAX_SAFE_INTEGER, (2 ** 31 - 1) / (2 ** 32 - 1)],
    ],
  })
})

test('__proto__ is a file like any other', () => {
  const { traces } = readAll(name(...Buffer.from('__proto__')), event())
  expect(traces[0]?.frames).toMatchObject([{ file: '__proto__', line: 1 }])
})

const anything = fc.uint8Array({ maxLength: 400 })
const codes = ['damaged-profile', 'unsupported-version', 'not-a-profile']

test('any bytes end in values or in a HeapproofError', () => {
  const begun = anything.map((tail) => hpm(...tail))
  fc.assert(
    fc.property(fc.oneof(anything, begun), anything, (metadata, events) => {
      const refused = refusal(() => {
        const all = readAll(metadata, events)
        let last = 0
        for (const one of all.events) {
          expect(one.time).toBeGreaterThanOrEqual(last)
          last = one.time
        }
        expect(all.events.length).toBeLessThanOrEqual(events.length / 7 + 1)
      })
      if (refused !== undefined) expect(codes).toContain(refused.code)
    }),
    { numRuns: 500 },
  )
})

test('recordings and digests with changed bytes end in values or in a HeapproofError', () => {
  const change = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) })
  const changes = fc.array(change, { minLength: 1, maxLength: 3 })
  const mutate = (bytes: Buffer, list: readonly { at: number; remove: number; insert: Uint8Array }[]) =>
    list.reduce((taken, { at, remove, insert }) => {
      const place = at % (taken.length + 1)
      return Buffer.concat([taken.subarray(0, place), insert, taken.subarray(place + remove)])
    }, bytes)
  const [metadata, events, digest] = [
    bytesOf('table', 'hpm'),
    bytesOf('table', 'hpd'),
    bytesOf('table', 'hpc'),
  ]
  fc.assert(
    fc.property(changes, changes, changes, (first, second, third) => {
      const refused = [
        refusal(() => readAll(mutate(metadata, first), events)),
        refusal(() => readAll(metadata, mutate(events, second))),
        refusal(() => digestOf(mutate(digest, third))),
      ]
      for (const error of refused) if (error !== undefined) expect(codes).toContain(error.code)
    }),
    { numRuns: 200 },
  )
})

test('any bytes as a digest end in values or in a HeapproofError', () => {
  const header = [0, 0, 0, 1, ...new Array(16).fill(0), 100, ...new Array(8).fill(0), 0x53, 0x79, 0xa0, 0xbd]
  const begun = anything.map((tail) => Uint8Array.from([...header, ...tail]))
  fc.assert(
    fc.property(fc.oneof(anything, begun), (bytes) => {
      const refused = refusal(() => digestOf(bytes))
      if (refused !== undefined) expect(codes).toContain(refused.code)
    }),
    { numRuns: 500 },
  )
})

test('lengths in a file allocate nothing', () => {
  const before = process.memoryUsage().arrayBuffers
  // 2^20 ranges, a name of 2^28 bytes, 2^24 traces of a digest: all of them are missing.
  expect(readAll(hpm(0x80, 0x80, 0x40), event()).header).toBeUndefined()
  expect(readAll(hpm(0, 2, 0x80, 0x80, 0x80, 0x80, 1, 65), event()).traces).toEqual([])
  const digest = [0, 0, 0, 1, ...new Array(16).fill(0), 100, ...new Array(8).fill(0), 0x53, 0x79, 0xa0, 0xbd]
  expect(digestOf(Uint8Array.from([...digest, 0xff, 0xff, 0xff, 7, 1, 1])).snapshots).toEqual([])
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6)
})

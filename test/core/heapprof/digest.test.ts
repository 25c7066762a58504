import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { readHeapprofDigest } from '../../../src/core/heapprof/digest.js'
import { read } from '../../../src/core/reader.js'
import { logFolder } from '../../support/log-builder.js'
import { bytesOf, FIXTURES, fixture, judgement } from './fixtures.js'

const folder = logFolder()
afterAll(folder.remove)

const START = [0, 0, 0, 1, ...new Array(16).fill(0)]
const SNAPSHOT = [0x53, 0x79, 0xa0, 0xbd]
const INDEX = [0xab, 0x93, 0x57, 0x76]

function digestOf(name: string, bytes: readonly number[]) {
  writeFileSync(folder.base(`${name}.hpc`), Uint8Array.from(bytes))
  return readHeapprofDigest(folder.base(name))
}

test.each(FIXTURES)('%s: snapshots are those that heapprof reads', (name) => {
  const said = judgement(name)
  const digest = readHeapprofDigest(fixture(name))
  expect(digest.length).toBe(said.snapshots.length)
  expect(digest.interval).toBeCloseTo(said.interval, 6)
  expect(digest.startTime).toBeCloseTo(said.initialTime * 1000, 2)
  expect(digest).toMatchObject({ truncated: 0, complete: true })
  for (const [index, { time, label, usage, total }] of Array.from(digest).entries()) {
    const expected = said.snapshots[index]
    expect(label).toBeCloseTo(expected?.time as number, 6)
    expect(time).toBeCloseTo(label + digest.interval, 9)
    expect(Object.fromEntries(usage)).toEqual(expected?.usage)
    expect(total).toBe(Object.values(expected?.usage ?? {}).reduce((sum, bytes) => sum + bytes, 0))
  }
})

test('a snapshot holds what the events say at its time, not at its label', () => {
  const digest = readHeapprofDigest(fixture('table'))
  using reader = read(fixture('table'))
  expect(digest.length).toBeGreaterThan(2)
  for (const { time, usage } of digest) {
    const live = new Map<number, number>()
    for (const event of reader.events()) {
      if (event.kind !== 'alloc' && event.kind !== 'free') continue
      const bytes = Math.floor(event.size * event.scale) * (event.kind === 'alloc' ? 1 : -1)
      live.set(event.trace, (live.get(event.trace) ?? 0) + bytes)
      if (event.time >= time) break // the first event at or after the time is in
    }
    for (const [trace, bytes] of live) expect(Math.abs(bytes - (usage.get(trace) ?? 0))).toBeLessThan(400)
  }
})

test('B5: the end of a recording is not in its digest, and nothing of one shorter than an interval', () => {
  using reader = read(fixture('everything'))
  expect(readHeapprofDigest(fixture('everything')).length).toBe(0)
  expect(Array.from(reader.events()).length).toBeGreaterThan(600)
})

test('B9: the digest of an earlier recording is not taken for that of this one', () => {
  const base = folder.base('stale')
  copyFileSync(`${fixture('default')}.hpc`, `${base}.hpc`)
  expect(readHeapprofDigest(base).length).toBeGreaterThan(0)
  copyFileSync(`${fixture('table')}.hpm`, `${base}.hpm`)
  expect(() => readHeapprofDigest(base)).toThrow(
    expect.objectContaining({ code: 'stale-digest', message: expect.stringContaining('stale.hpm is from') }),
  )
  copyFileSync(`${fixture('default')}.hpm`, `${base}.hpm`)
  expect(readHeapprofDigest(base).length).toBeGreaterThan(0)
})

test('B18: what has no trace and what heapprof left out are one, although it writes them twice', () => {
  const digest = digestOf('twice', [
    ...START,
    100,
    ...new Array(8).fill(0),
    ...SNAPSHOT,
    3,
    7,
    50,
    0,
    20,
    0,
    25,
  ])
  expect(digest.snapshot(0)).toMatchObject({
    total: 85,
    usage: new Map([
      [7, 50],
      [0, 35],
    ]),
  })
})

test('a digest that heapprof did not finish is read as far as it goes', () => {
  const bytes = bytesOf('default', 'hpc')
  const whole = readHeapprofDigest(fixture('default'))
  // While it writes, the offset of the index is 0.
  const begun = Buffer.from(bytes.subarray(0, bytes.indexOf(Buffer.from(INDEX))))
  begun.fill(0, 21, 29)
  const digest = digestOf('begun', [...begun])
  expect(Array.from(digest)).toEqual(Array.from(whole))
  expect(digest).toMatchObject({ truncated: 0, complete: false })
})

test.each([
  ['another version', [0, 0, 0, 3], 'unsupported-version', /version 3/],
  ['another file', [0x89, 72, 80, 67], 'not-a-profile', /found 89485043/],
  [
    'no snapshot',
    [...START, 100, ...new Array(8).fill(0), 1, 2, 3, 4],
    'damaged-profile',
    /byte 29: 01020304 where/,
  ],
  [
    'less than nothing',
    [...START, 100, ...new Array(8).fill(0), ...SNAPSHOT, 2, 1, 5, 2, 9],
    'damaged-profile',
    /byte 36: -4 live bytes of trace 2/,
  ],
  [
    'an index elsewhere',
    [...START, 100, ...new Array(8).fill(0), ...INDEX, 0],
    'damaged-profile',
    /byte 29: the index, which should be at 0/,
  ],
  [
    'an index of more',
    [...START, 100, 0, 0, 0, 0, 0, 0, 0, 29, ...INDEX, 1, 29],
    'damaged-profile',
    /an index of 1 snapshots behind 0/,
  ],
  [
    'bytes behind the index',
    [...START, 100, 0, 0, 0, 0, 0, 0, 0, 29, ...INDEX, 0, 0],
    'damaged-profile',
    /byte 34: 1 bytes behind/,
  ],
] as const)('%s is named with its place', (_what, bytes, code, sentence) => {
  const open = () => digestOf('damaged', bytes)
  expect(open).toThrow(expect.objectContaining({ name: 'HeapproofError', code }))
  expect(open).toThrow(sentence)
})

test('the name may have its extension; what is not there is told', () => {
  expect(readHeapprofDigest(`${fixture('table')}.hpc`).length).toBe(judgement('table').snapshots.length)
  const refusal = (code: string) => expect.objectContaining({ name: 'HeapproofError', code })
  expect(() => readHeapprofDigest(folder.base('nothing'))).toThrow(refusal('profile-not-found'))
  expect(() => readHeapprofDigest('')).toThrow(refusal('invalid-argument'))
  expect(() => (readHeapprofDigest as (base: unknown) => unknown)(7)).toThrow(refusal('invalid-argument'))
  mkdirSync(folder.base('folder.hpc'))
  expect(() => readHeapprofDigest(folder.base('folder'))).toThrow(refusal('not-a-profile'))
  const digest = readHeapprofDigest(fixture('table'))
  for (const index of [-1, 0.5, digest.length]) {
    expect(() => digest.snapshot(index)).toThrow(refusal('invalid-argument'))
  }
})

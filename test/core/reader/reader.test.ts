import { appendFileSync, closeSync, openSync, truncateSync, writeSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { HEADER, LogBuilder, logFolder, writeLog } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

const COUNTERS = {
  heapBytes: 2 ** 40,
  collections: 3,
  majorCollections: 1,
  arrayBufferBytes: 2 ** 33,
  arrayBufferCalls: 4,
  arrayBufferFreedBytes: 5,
  arrayBufferFrees: 6,
  nativeBytes: 2 ** 34,
  nativeCalls: 8,
  nativeFrees: 9,
  unseenCollections: 2,
}

function smallLog(): LogBuilder {
  const log = new LogBuilder()
  const trace = log.trace([{ function: 'leaf', line: 3, column: 7 }, { function: 'root' }])
  log.events.sampling(0, 'heap', 512).alloc(10, trace, 48).counters(2_500_000, COUNTERS).end(2_500_000)
  return log
}

test('a reader tells what the recording is', () => {
  const base = smallLog().write(folder.base('small'))
  const reader = read(base)
  expect(reader.fileBase).toBe(base)
  expect(reader.header).toEqual(HEADER)
  expect(reader.samplingInterval).toBe(512)
  expect(reader.duration).toBe(2.5)
  expect(reader.truncated).toBe(0)
  expect(reader.counters).toEqual(COUNTERS)
  expect(reader.end).toBe('')
  expect(reader.traceCount).toBe(1)
  expect(Array.from(reader.events(), (event) => event.kind)).toEqual(['sampling', 'alloc', 'counters', 'end'])
  reader.close()
})

test('a trace has its frames leaf first; any other index is the unknown trace', () => {
  const reader = read(smallLog().write(folder.base('trace')))
  const file = '/app/main.js'
  expect(reader.trace(1)).toEqual({
    index: 1,
    domain: 'heap',
    truncated: false,
    frames: [
      { function: 'leaf', file, line: 3, column: 7, approximate: false },
      { function: 'root', file, line: 1, column: 1, approximate: false },
    ],
  })
  const unknown = { index: 0, domain: 'heap', frames: [], truncated: false }
  for (const index of [0, -1, 2, 1.5, 2 ** 40, Number.NaN]) expect(reader.trace(index)).toEqual(unknown)
  reader.close()
})

test('an event of a trace that is not there is of the unknown trace, and takes no memory', () => {
  const log = new LogBuilder()
  log.events
    .sampling(0, 'heap', 1)
    .alloc(1, 2 ** 45, 100)
    .free(2, 2 ** 45, 100, 1)
  const reader = read(log.write(folder.base('beyond')))
  expect(Array.from(reader.events()).map((event) => 'trace' in event && event.trace)).toEqual([false, 0, 0])
  expect(sites(reader)).toMatchObject({
    self: 100,
    sites: [{ function: '(unknown)', file: '', line: 0, live: 0 }],
  })
  reader.close()
})

test.each([
  ['both files empty', 0, 0],
  ['an empty .hpm', 0, Number.POSITIVE_INFINITY],
  ['a .hpm with only its prologue', 24, Number.POSITIVE_INFINITY],
])('%s: a profile without header and traces', (_, hpmLength, hpdLength) => {
  const log = smallLog()
  const base = folder.base('empty-hpm')
  writeLog(base, log.hpm().subarray(0, hpmLength), log.hpd().subarray(0, hpdLength))
  const reader = read(base)
  expect(reader.header).toBeUndefined()
  expect(reader.samplingInterval).toBe(0)
  expect(reader.traceCount).toBe(0)
  expect(Array.from(reader.events()).length).toBe(hpdLength === 0 ? 0 : 4)
  reader.close()
})

test.each([0, 24])('a .hpd of %d bytes: a profile without events', (length) => {
  const log = smallLog()
  const reader = read(writeLog(folder.base('empty-hpd'), log.hpm(), log.hpd().subarray(0, length)))
  expect(reader.header).toEqual(HEADER)
  expect(Array.from(reader.events())).toEqual([])
  expect(reader).toMatchObject({ duration: 0, truncated: 0, counters: undefined, end: undefined })
  expect(sites(reader)).toEqual({ sites: [], self: 0, samples: 0, error: 0 })
  reader.close()
})

test('a recording that goes on while it is read stays as it was when it was opened', () => {
  const log = smallLog()
  const whole = log.hpd()
  const base = writeLog(folder.base('growing'), log.hpm(), whole)
  truncateSync(`${base}.hpd`, 60)
  const reader = read(base)
  appendFileSync(`${base}.hpd`, whole.subarray(60))
  expect(Array.from(reader.events())).toEqual([])
  expect(reader.truncated).toBe(36)
  reader.close()
  const later = read(base)
  expect(Array.from(later.events()).length).toBe(4)
  later.close()
})

test('a file that shrinks while it is read ends where it ends', () => {
  const log = smallLog()
  const reader = read(log.write(folder.base('shrinking')))
  truncateSync(`${reader.fileBase}.hpd`, 40)
  expect(Array.from(reader.events())).toEqual([])
  reader.close()
})

test('why a sampler stopped itself can be read', () => {
  const log = new LogBuilder()
  log.events.end(7, 'write failed: ENOSPC')
  const reader = read(log.write(folder.base('end')))
  expect(reader.end).toBe('write failed: ENOSPC')
  reader.close()
})

test('files of different recordings are told apart', () => {
  const other = new LogBuilder(HEADER, new Uint8Array(16))
  const base = writeLog(folder.base('mixed'), smallLog().hpm(), other.hpd())
  const message =
    `${base}.hpd: damaged at byte 8: the session id is another than in ${base}.hpm: ` +
    'the two files are from different recordings'
  expect(() => read(base)).toThrow(expect.objectContaining({ code: 'damaged-profile', message }))
})

test('damage in the events is found when they are read', () => {
  const base = smallLog().write(folder.base('damaged'))
  const file = openSync(`${base}.hpd`, 'r+')
  writeSync(file, Uint8Array.of(0xee), 0, 1, 40)
  closeSync(file)
  const reader = read(base)
  expect(reader.header).toEqual(HEADER)
  const damage = expect.objectContaining({
    code: 'damaged-profile',
    message: `${base}.hpd: damaged at byte 24: the checksum of this block does not match`,
  })
  expect(() => reader.duration).toThrow(damage)
  expect(() => Array.from(reader.events())).toThrow(damage)
  reader.close()
})

test('a closed reader still has its traces, and says that it is closed', () => {
  const reader = read(smallLog().write(folder.base('closed')))
  expect(reader.duration).toBe(2.5)
  reader[Symbol.dispose]()
  expect(reader.duration).toBe(2.5)
  expect(reader.trace(1).frames.length).toBe(2)
  expect(() => Array.from(reader.events())).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
})

test('events of other threads carry their number', () => {
  const log = new LogBuilder()
  log.events.alloc(1, 0, 8).thread(2, 5).alloc(3, 0, 8)
  log.blockHpd()
  log.events.alloc(4, 0, 8).thread(4, 0).alloc(4, 0, 8)
  const reader = read(log.write(folder.base('threads')))
  expect(Array.from(reader.events(), ({ thread }) => thread)).toEqual([0, 5, 5, 0])
  reader.close()
})

test('a header with missing and foreign fields', () => {
  const log = new LogBuilder({
    pid: 'x',
    flags: [1, '--a'],
    domains: ['heap', 'stack'],
    samplingInterval: -5,
  })
  const reader = read(log.write(folder.base('header')))
  expect(reader.header).toMatchObject({
    pid: 0,
    node: '',
    flags: ['--a'],
    domains: ['heap'],
    samplingInterval: 0,
    sampling: { interval: 0 },
    source: '',
    sourceReason: '',
    exactLines: false,
    seed: undefined,
  })
  reader.close()
})

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HeapproofError } from '../../../src/core/errors.js'
import { encodeBlock, encodePrologue } from '../../../src/core/format/block.js'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { LogBuilder, logFolder, SESSION, writeLog } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

let hpm: Buffer
let hpd: Buffer

beforeAll(() => {
  const log = new LogBuilder()
  log.blockHpm()
  const first = log.trace([{ function: 'größe' }, { function: 'main', line: 9 }])
  log.blockHpm()
  const second = log.trace([{ line: 300, url: 'file:///app/%C3%A4.mjs' }], 'arrayBuffer', true)
  log.mapped(1, { line: 7, column: 3, file: 'file:///app/src/main.ts', name: '' })
  log.events
    .sampling(0, 'heap', 512)
    .samplingTable(0, 'arrayBuffer', [
      [128, 1e-4],
      [8192, 0.1],
    ])
    .thread(1, 0)
    .alloc(2, first, 48)
    .alloc(5, second, 2 ** 33)
  log.blockHpd()
  log.events.collection(1000, 4, 250, 5e6, 4e6).free(1000, first, 48, 998).alloc(1001, first, 47)
  log.blockHpd()
  const counters = { heapBytes: 1e10, collections: 1, majorCollections: 1, arrayBufferBytes: 5 }
  const buffers = { arrayBufferCalls: 1, arrayBufferFreedBytes: 0, arrayBufferFrees: 0 }
  const native = { nativeBytes: 2 ** 40, nativeCalls: 7, nativeFrees: 300, unseenCollections: 1 }
  log.events.counters(2000, { ...counters, ...buffers, ...native }).end(2000, 'write failed')
  hpm = log.hpm()
  hpd = log.hpd()
})

/** Everything a reader can be asked for. */
function readAll(metadata: Uint8Array, events: Uint8Array) {
  const reader = read(writeLog(folder.base('log'), metadata, events))
  try {
    const list = Array.from(reader.events())
    const traces = Array.from({ length: reader.traceCount + 1 }, (_, index) => reader.trace(index))
    const { header, duration, truncated, counters, end } = reader
    return { events: list, traces, header, duration, truncated, counters, end, sites: sites(reader) }
  } finally {
    reader.close()
  }
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

test('every beginning of a .hpd reads as the beginning of the recording', () => {
  const whole = readAll(hpm, hpd)
  expect(whole.truncated).toBe(0)
  expect(whole.events.length).toBe(9)
  const boundaries = blocksOf(hpd).map((payload) => payload.byteOffset - hpd.byteOffset - 8)
  expect(boundaries.length).toBe(3)
  for (let length = 0; length < hpd.length; length++) {
    const cut = readAll(hpm, hpd.subarray(0, length))
    expect(cut.events).toEqual(whole.events.slice(0, cut.events.length))
    expect(cut.truncated === 0).toBe(length === 0 || boundaries.includes(length))
    expect(cut.end).toBeUndefined()
  }
})

test('every beginning of a .hpm reads, and traces that are missing are unknown', () => {
  const whole = readAll(hpm, hpd)
  for (let length = 0; length < hpm.length; length++) {
    const cut = readAll(hpm.subarray(0, length), hpd)
    expect(cut.traces.length).toBeLessThanOrEqual(whole.traces.length)
    expect(cut.events.length).toBe(whole.events.length)
    expect(cut.duration).toBe(whole.duration)
    expect(cut.sites.samples).toBe(whole.sites.samples)
    if (cut.header !== undefined) expect(cut.header).toEqual(whole.header)
  }
})

test('no byte can change unseen', () => {
  const codes = ['damaged-profile', 'not-a-profile', 'unsupported-version']
  const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] as number) ^ (1 << bit)
    return copy
  }
  for (const which of ['hpm', 'hpd']) {
    const original = which === 'hpm' ? hpm : hpd
    for (let at = 0; at < original.length; at++) {
      for (const bit of [0, 3, 7]) {
        const changed = flipped(original, at, bit)
        let truncated = 0
        const refused = refusal(() => {
          truncated = (which === 'hpm' ? readAll(changed, hpd) : readAll(hpm, changed)).truncated
        })
        // A length that grew beyond the end of the file looks like a file that was cut: that is told by `truncated`.
        if (refused === undefined) expect(truncated).toBeGreaterThan(0)
        else expect(codes).toContain(refused.code)
        if (refused?.code === 'damaged-profile') {
          expect(refused.message).toMatch(/log\.hp[md]: damaged at byte \d+: /)
        }
      }
    }
  }
})

test('any bytes with a good checksum end in values or in a HeapproofError', () => {
  const change = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) })
  const mutate = (payload: Buffer, changes: readonly { at: number; remove: number; insert: Uint8Array }[]) =>
    changes.reduce((bytes, { at, remove, insert }) => {
      const place = at % (bytes.length + 1)
      return Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)])
    }, payload)
  const whole = { hpm: Buffer.concat(blocksOf(hpm)), hpd: Buffer.concat(blocksOf(hpd)) }
  const file = (letter: 'M' | 'D', payload: Uint8Array): Buffer =>
    Buffer.concat([encodePrologue(letter, SESSION), payload.length > 0 ? encodeBlock(payload) : payload])
  const checked = (metadata: Uint8Array, events: Uint8Array): void => {
    const refused = refusal(() => readAll(file('M', metadata), file('D', events)))
    if (refused !== undefined) expect(refused.code).toBe('damaged-profile')
  }
  const changes = fc.array(change, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(changes, changes, (left, right) => {
      checked(mutate(whole.hpm, left), whole.hpd)
      checked(whole.hpm, mutate(whole.hpd, right))
    }),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 64 }), checked), {
    numRuns: 500,
  })
})

test('any bytes at all end in values or in a HeapproofError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(32), fc.boolean(), (bytes, keep, metadata) => {
      const beginning = (metadata ? hpm : hpd).subarray(0, keep)
      const changed = Buffer.concat([beginning, bytes])
      refusal(() => (metadata ? readAll(changed, hpd) : readAll(hpm, changed)))
    }),
    { numRuns: 500 },
  )
})

/** The payloads of a file, as views of it. */
function blocksOf(file: Buffer): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at)
    parts.push(file.subarray(at + 8, at + 8 + length))
    at += 8 + length
  }
  return parts
}

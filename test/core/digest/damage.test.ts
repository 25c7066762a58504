import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { MemoryFile } from '../../../src/core/digest/file.js'
import { digestSteps } from '../../../src/core/digest/steps.js'
import { HeapproofError } from '../../../src/core/errors.js'
import { encodeBlock, encodePrologue } from '../../../src/core/format/block.js'
import { inputOf } from '../../../src/core/format/files.js'
import { DigestReader } from '../../../src/core/format/hpc-reader.js'
import { read, recordingOf } from '../../../src/core/reader.js'
import { LogBuilder, logFolder, SESSION } from '../../support/log-builder.js'

const TRACES = 40
let hpc: Buffer

beforeAll(() => {
  const folder = logFolder()
  const log = new LogBuilder()
  for (let line = 1; line <= TRACES; line++) log.trace([{ line }])
  log.events.sampling(0, 'heap', 512)
  for (let index = 0; index < 300; index++) {
    log.events.alloc(index * 50, 1 + ((index * 7) % TRACES), 16 + index)
    if (index % 3 === 2) log.events.free(index * 50, 1 + (((index - 2) * 7) % TRACES), 16 + index - 2, 100)
  }
  const numbers = { collections: 1, majorCollections: 1, arrayBufferBytes: 0, arrayBufferCalls: 0 }
  const rest = { arrayBufferFreedBytes: 0, arrayBufferFrees: 0, nativeBytes: 0, nativeCalls: 0 }
  log.events.counters(15_000, { heapBytes: 9000, ...numbers, ...rest, nativeFrees: 0, unseenCollections: 0 })
  log.events.end(15_000, 'stopped')
  using reader = read(log.write(folder.base('log')))
  const sink = new MemoryFile()
  const recording = recordingOf(reader)
  const job = { recording, cursor: reader.cursor(), interval: 1000, precision: 0.1, keep: () => false, sink }
  const steps = digestSteps(job)
  while (!steps.next(false).done);
  const input = sink.input('')
  hpc = Buffer.alloc(input.size)
  input.read(hpc, 0)
  folder.remove()
})

/** Everything a digest can be asked for; undefined when it is none. */
function readAll(bytes: Uint8Array) {
  const digest = DigestReader.open(inputOf('log.hpc', bytes), TRACES)
  if (digest === undefined) return undefined
  const { sessionId, origin, index } = digest
  return { sessionId, origin, index, sums: index.frames.map((_, number) => digest.sums(number).slice()) }
}

/** What came of it, or the code it was refused with. */
function attempt(bytes: Uint8Array): ReturnType<typeof readAll> | string {
  try {
    return readAll(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(HeapproofError)
    return (error as HeapproofError).code
  }
}

test('a digest that is cut anywhere is none', () => {
  expect(readAll(hpc)?.sums.length).toBe(16)
  expect(readAll(hpc)?.index.frames.some(({ isKey }, number) => number > 0 && !isKey)).toBe(true)
  for (let length = 0; length < hpc.length; length++) expect(readAll(hpc.subarray(0, length))).toBeUndefined()
})

test('no byte can change unseen', () => {
  const whole = readAll(hpc)
  for (let at = 0; at < hpc.length; at++) {
    for (const bit of [0, 3, 7]) {
      const copy = Buffer.from(hpc)
      copy[at] = (copy[at] as number) ^ (1 << bit)
      const found = attempt(copy)
      if (typeof found !== 'string' && found !== undefined) {
        // Only the session id has no checksum. It has to be that of the recording.
        expect({ ...found, sessionId: undefined }).toEqual({ ...whole, sessionId: undefined })
        expect(found.sessionId).not.toEqual(whole?.sessionId)
      }
    }
  }
})

test('any bytes with good checksums end in values or in a HeapproofError', () => {
  const payloads: Buffer[] = []
  for (let at = 24; at < hpc.length; at += 8 + hpc.readUInt32LE(at)) {
    payloads.push(hpc.subarray(at + 8, at + 8 + hpc.readUInt32LE(at)))
  }
  const change = fc.record({
    block: fc.nat(),
    at: fc.nat(),
    remove: fc.nat(3),
    insert: fc.uint8Array({ maxLength: 9 }),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = [...payloads]
      for (const { block, at, remove, insert } of changes) {
        const number = block % changed.length
        const bytes = changed[number] as Buffer
        const place = at % (bytes.length + 1)
        changed[number] = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)])
      }
      const blocks = changed.map((payload) => (payload.length > 0 ? encodeBlock(payload) : payload))
      const found = attempt(Buffer.concat([encodePrologue('C', SESSION), ...blocks]))
      if (typeof found === 'string') expect(found).toBe('damaged-profile')
      else
        for (const sums of found?.sums ?? [])
          expect(sums.every((sum) => sum >= 0 && sum < 2 ** 200)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('any bytes at all end in values or in a HeapproofError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(60), fc.nat(40), (bytes, head, tail) => {
      const end = hpc.subarray(hpc.length - tail)
      attempt(Buffer.concat([hpc.subarray(0, head), bytes, end]))
    }),
    { numRuns: 1000 },
  )
})

test('a digest of a later writer is refused', () => {
  const later = Buffer.from(hpc)
  later[6] = 2
  expect(attempt(later)).toBe('unsupported-version')
})

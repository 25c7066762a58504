import { HeapproofError } from '../errors.js'
import type { Input } from '../format/files.js'
import { ByteStream, CUT } from './byte-stream.js'
import { HEAPPROF_VERSION, TRACES } from './limits.js'
import { startOf } from './metadata.js'

// The .hpc file of heapprof: what was live at regular times.
//
//   offset 0       4              12                 20
//          | u32 1 | u64 seconds | u64 nanoseconds | varint milliseconds | u64 offset of the index | snapshots | index |
//
//   snapshot: | u32 53 79 a0 bd | varint count | count times: varint trace, varint bytes |
//   index:    | u32 ab 93 57 76 | varint count | count times: varint offset of a snapshot, after the one before |
//
// Bytes descend: the first are written as they are, all others as what they are less than those before. While the file
// is written the offset of the index is 0. Nothing but whole bytes: heapprof rounds the weight of each event down.

const SNAPSHOT = 0x5379a0bd
const INDEX = 0xab935776
/** A Map of JavaScript ends there. */
const MOST_TRACES = 2 ** 24 - 1

/** Bytes of the number that a snapshot begins with. */
export const MAGIC_LENGTH = 4

/** What a .hpc file holds. */
export interface Outline {
  /** Milliseconds since 1970. */
  readonly startTime: number
  /** Seconds. */
  readonly interval: number
  /** Where each snapshot begins. */
  readonly offsets: readonly number[]
  /** Whether the index is there. */
  readonly complete: boolean
  /** Bytes after the last whole snapshot when it is not. */
  readonly truncated: number
}

/**
 * Walks all snapshots: the index is only looked at to see whether it says the same.
 * Throws HeapproofError: `unsupported-version`, `damaged-profile`.
 */
export function outline(input: Input): Outline {
  const stream = new ByteStream(input)
  const offsets: number[] = []
  checkVersion(input.path, stream.u32())
  const start = stream.take(16)
  const startTime = start === undefined ? 0 : startOf(stream, start)
  const milliseconds = start === undefined ? CUT : stream.varint()
  const indexAt = milliseconds === CUT ? CUT : stream.u64()
  const interval = Math.max(0, milliseconds) / 1000
  const known = { startTime, interval, offsets }
  const cut = (at: number): Outline => ({ ...known, complete: false, truncated: input.size - at })
  if (indexAt === CUT) return cut(0)
  for (;;) {
    const at = stream.offset
    const magic = stream.u32()
    if (magic === CUT) return cut(at)
    if (magic === INDEX) {
      return checkIndex(stream, at, indexAt, offsets) ? { ...known, complete: true, truncated: 0 } : cut(at)
    }
    if (magic !== SNAPSHOT) stream.fail(`${hex(magic)} where a snapshot or the index begins`, at)
    if (!readItems(stream, () => {})) return cut(at)
    offsets.push(at)
  }
}

function checkVersion(path: string, version: number): void {
  if (version === HEAPPROF_VERSION || version === CUT) return
  if (version > 255) {
    const what = `expected a digest of heapprof, which begins with ${hex(HEAPPROF_VERSION)}, found ${hex(version)}`
    throw new HeapproofError('not-a-profile', `${path}: ${what}`)
  }
  const what = `version ${version} of heapprof's digest, expected ${HEAPPROF_VERSION}`
  throw new HeapproofError('unsupported-version', `${path}: ${what}`)
}

/** False when the file ends before the end of the index. */
function checkIndex(stream: ByteStream, at: number, told: number, offsets: readonly number[]): boolean {
  // The offset is written just before the index.
  if (told !== at) stream.fail(`the index, which should be at ${told}`, at)
  const count = stream.varint()
  if (count === CUT) return false
  if (count !== offsets.length) stream.fail(`an index of ${count} snapshots behind ${offsets.length}`, at)
  let last = 0
  for (const offset of offsets) {
    const entry = stream.offset
    const step = stream.varint()
    if (step === CUT) return false
    last += step
    if (last !== offset) stream.fail(`a snapshot at ${last} in the index, which is at ${offset}`, entry)
  }
  if (stream.left > 0) stream.fail(`${stream.left} bytes behind the index`, stream.offset)
  return true
}

/** Reads a snapshot behind its first four bytes; false when the file ends before. */
export function readItems(stream: ByteStream, take: (trace: number, bytes: number) => void): boolean {
  const start = stream.offset
  const count = stream.varint()
  if (count > MOST_TRACES)
    stream.fail(`a snapshot of ${count} traces, expected ${MOST_TRACES} at most`, start)
  if (count === CUT) return false
  let bytes = 0
  for (let index = 0; index < count; index++) {
    const at = stream.offset
    const trace = stream.varint()
    const change = stream.varint()
    if (trace === CUT || change === CUT) return false
    if (trace >= TRACES) stream.fail(`trace ${trace}, expected ${TRACES - 1} at most`, at)
    bytes = index === 0 ? change : bytes - change
    // heapprof adds up with 32 bits: a trace of 2 GiB or more is lost, and what is written for it is not a number.
    if (bytes < 0) stream.fail(`${bytes} live bytes of trace ${trace}`, at)
    take(trace, bytes)
  }
  return true
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}

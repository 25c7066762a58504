import { isUtf8 } from 'node:buffer'
import { HeapproofError } from '../errors.js'
import type { Header } from '../format/header.js'
import type { Tables } from '../format/hpm.js'
import { RULE, type Sampling, type SizeRange } from '../format/sampling.js'
import { type ByteStream, CUT } from './byte-stream.js'
import { CERTAIN, HEAPPROF_VERSION, LARGEST } from './limits.js'
import { StackTables } from './stack-tables.js'

// The .hpm file of heapprof: when the recording began, how it was sampled, and every stack.
//
//   offset 0       4              12                 20
//          | u32 1 | u64 seconds | u64 nanoseconds | varint count | count times: u64 bound, u32 p | trace | trace | ...
//
//   trace:   | varint line + 1 | varint length | name of the file in UTF-8 |   leaf first, root last
//            | varint 0 |                                                      ends the trace
//
// Seconds and nanoseconds are since 1970. A range of sizes goes up to its bound, which is not in it, and is recorded
// with the probability p / (2^32 - 1). A trace has no number: the first is trace 1. An empty trace is a lone 0.

/** A table with more ranges than this was not written by anybody. */
const MOST_RANGES = 2 ** 20
/** Twice that is more than a string can hold. */
const LONGEST_NAME = 2 ** 28
const SESSION_LENGTH = 16

/** What a .hpm file of heapprof says. */
export interface Metadata {
  readonly tables: Tables
  /** How the recording says it was sampled; undefined when the file was cut before the end of its table. */
  readonly sampling: Sampling | undefined
  /** The two numbers of the start as they are in the file; no two recordings on one machine start together. */
  readonly sessionId: Uint8Array
  /** Bytes after the last whole trace. */
  readonly ignored: number
}

/**
 * Reads a whole .hpm file.
 * Throws HeapproofError: `unsupported-version`, `damaged-profile`.
 */
export function readMetadata(stream: ByteStream): Metadata {
  const sessionId = new Uint8Array(SESSION_LENGTH)
  const stacks = new StackTables()
  const { tables } = stacks
  const cut = (at: number, sampling?: Sampling): Metadata => {
    return { tables, sampling, sessionId, ignored: stream.left + stream.offset - at }
  }
  checkVersion(stream)
  const id = stream.take(SESSION_LENGTH)
  if (id === undefined) return cut(0)
  sessionId.set(id)
  const startTime = startOf(stream, id)
  const ranges = readRanges(stream)
  if (ranges === undefined) return cut(0)
  const table = ranges.map(([bound, written]): SizeRange => [bound, written / CERTAIN])
  const sampling: Sampling = { rule: RULE.table, interval: 0, table, draw: 1 }
  tables.header = headerOf(
    startTime,
    ranges.map(([bound, written]) => [bound, askedFor(written)]),
  )
  let good = stream.offset
  while (readTrace(stream, stacks)) good = stream.offset
  return cut(good, sampling)
}

function checkVersion(stream: ByteStream): void {
  const version = stream.u32()
  if (version === HEAPPROF_VERSION || version === CUT) return
  const what = `version ${version} of heapprof's format, expected ${HEAPPROF_VERSION}`
  throw new HeapproofError('unsupported-version', `${stream.path}: ${what}`)
}

/** Milliseconds since 1970 that the 16 bytes just read say: a number of seconds and one of nanoseconds. */
export function startOf(stream: ByteStream, id: Buffer): number {
  const seconds = id.readUInt32BE(0) * 2 ** 32 + id.readUInt32BE(4)
  const offset = stream.offset - id.length
  const nanoseconds = id.readUInt32BE(8) * 2 ** 32 + id.readUInt32BE(12)
  // 8.64e12 seconds is the end of what a Date can say.
  if (seconds >= 8.64e12) stream.fail(`a start ${seconds} seconds after 1970`, offset)
  if (nanoseconds >= 1e9) stream.fail(`${nanoseconds} nanoseconds of a second`, offset + 8)
  return seconds * 1000 + nanoseconds / 1e6
}

/** The ranges of sizes, with p as it is written; undefined when the file ends before. */
function readRanges(stream: ByteStream): (readonly [bound: number, p: number])[] | undefined {
  const start = stream.offset
  const count = stream.varint()
  if (count > MOST_RANGES) stream.fail(`${count} ranges of sizes, expected ${MOST_RANGES} at most`, start)
  const table: [number, number][] = []
  let last = -1
  for (let left = count; left !== 0; left--) {
    const at = stream.offset
    const bound = stream.u64()
    const probability = stream.u32()
    if (left === CUT || bound === CUT || probability === CUT) return undefined
    if (bound <= last && bound < Number.MAX_SAFE_INTEGER) {
      stream.fail(`a range of sizes below ${bound} behind one below ${last}`, at)
    }
    last = bound
    // Nothing is smaller than 0, and nothing greater than 2^53 - 1.
    const usable = Math.min(bound, Number.MAX_SAFE_INTEGER)
    if (usable > (table.at(-1)?.[0] ?? 0)) table.push([usable, probability])
  }
  return table
}

/**
 * The probability with fewest digits that heapprof writes so: it rounds down, and 0.0001 comes out as 0.00009999998.
 * Only for the header: heapprof's reader divides by what is written, and so does ours.
 */
function askedFor(written: number): number {
  if (written === 0) return 0
  for (let digits = 1; digits < 10; digits++) {
    const probability = Number(((written + 0.5) / CERTAIN).toPrecision(digits))
    if (Math.floor(probability * CERTAIN) === written) return probability
  }
  return written / CERTAIN
}

/** Reads one trace; false when the file ends before its end. */
function readTrace(stream: ByteStream, stacks: StackTables): boolean {
  const frames: number[] = []
  for (;;) {
    const start = stream.offset
    const line = stream.varint()
    if (line === CUT) return false
    if (line === 0) break
    const at = stream.offset
    const length = stream.varint()
    if (length > LONGEST_NAME) stream.fail(`a name of ${length} bytes, expected ${LONGEST_NAME} at most`, at)
    if (length === CUT || length > stream.left) return false
    const name = stream.take(length)
    if (name === undefined) return false
    if (line - 1 > LARGEST) stream.fail(`line ${line - 1}, expected 2^31 - 1 at most`, start)
    if (!isUtf8(name)) stream.fail('the name of a file that is not UTF-8', at)
    frames.push(stacks.frame(name.toString('utf8'), line - 1))
  }
  stacks.trace(frames)
  return true
}

function headerOf(startTime: number, table: readonly SizeRange[]): Header {
  return {
    pid: 0,
    thread: 0,
    node: '',
    v8: '',
    platform: '',
    arch: '',
    startTime,
    samplingInterval: 0,
    sampling: { table },
    stackDepth: 0,
    domains: ['heap'],
    source: 'heapprof',
    sourceReason: 'recorded from a Python program by heapprof',
    exactLines: false,
    seed: undefined,
    command: [],
    flags: [],
  }
}

import { existsSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { type Input, InputFile, inputOf } from '../format/files.js'
import { ByteStream } from './byte-stream.js'
import { MAGIC_LENGTH, outline, readItems } from './hpc.js'
import { HEAPPROF_VERSION, LARGEST } from './limits.js'
import { startOf } from './metadata.js'

/** What was live at one time, as heapprof has it in its digest. */
export interface HeapprofSnapshot {
  /** Seconds since the start: the state is that at the first event at or after this time. */
  readonly time: number
  /** Seconds that heapprof's own reader says: one interval less. */
  readonly label: number
  /**
   * Live bytes by trace, for `reader.trace()` of the same recording. Index 0 is what has no trace, together with the
   * small traces that heapprof left out.
   */
  readonly usage: ReadonlyMap<number, number>
  /** Bytes of all traces. */
  readonly total: number
}

/**
 * Opens a digest that heapprof 1.0.2 made: `<fileBase>.hpc`, which may be named with or without its extension. The two
 * other files need not be there. When they are, the digest must be of that recording: heapprof leaves the one of an
 * earlier recording in place.
 *
 * The end of a recording is not in its digest: heapprof writes no snapshot for what is left of the last interval, and
 * none at all for a recording that is shorter than one.
 *
 * Cost: memory for the whole file; a snapshot is decoded when it is asked for.
 *
 * Throws HeapproofError: `invalid-argument`, `profile-not-found`, `cannot-read`, `not-a-profile`,
 * `unsupported-version`, `damaged-profile`, `stale-digest`.
 */
export function readHeapprofDigest(fileBase: string): HeapprofDigest {
  if (typeof fileBase !== 'string' || fileBase === '' || fileBase.includes('\0')) {
    const got = typeof fileBase === 'string' ? JSON.stringify(fileBase) : typeof fileBase
    throw new HeapproofError('invalid-argument', `fileBase: expected the path of a digest, got ${got}`)
  }
  const base = existsSync(`${fileBase}.hpc`) ? fileBase : fileBase.replace(/(?<=[^/])\.hp[cmd]$/, '')
  const path = `${base}.hpc`
  if (!existsSync(path))
    throw new HeapproofError('profile-not-found', `${base}: no digest here: ${path} is missing`)
  const digest = new HeapprofDigest(inputOf(path, bytesOf(path)))
  checkStart(digest, path, `${base}.hpm`)
  return digest
}

/** A digest of heapprof, in memory. Iterating gives its snapshots in the order of time. */
export class HeapprofDigest implements Iterable<HeapprofSnapshot> {
  /** Start of the recording: milliseconds since 1970. */
  readonly startTime: number
  /** Seconds from one snapshot to the next. */
  readonly interval: number
  /** How many snapshots there are. */
  readonly length: number
  /** False when heapprof did not finish the digest, or its end was cut off. */
  readonly complete: boolean
  /** Bytes at the end that belong to no whole snapshot. */
  readonly truncated: number
  readonly #input: Input
  readonly #offsets: readonly number[]

  /** Made by `readHeapprofDigest()`. */
  constructor(input: Input) {
    this.#input = input
    const { startTime, interval, offsets, complete, truncated } = outline(input)
    this.startTime = startTime
    this.interval = interval
    this.length = offsets.length
    this.complete = complete
    this.truncated = truncated
    this.#offsets = offsets
  }

  /** The snapshot with an index from 0 to `length` - 1. Throws HeapproofError `invalid-argument`. */
  snapshot(index: number): HeapprofSnapshot {
    const offset = this.#offsets[index]
    if (offset === undefined) {
      const what = `expected 0 to ${this.length - 1}, got ${index}`
      throw new HeapproofError('invalid-argument', `${this.#input.path}: no such snapshot: ${what}`)
    }
    const usage = new Map<number, number>()
    let total = 0
    readItems(new ByteStream(this.#input, offset + MAGIC_LENGTH), (trace, bytes) => {
      // heapprof may write index 0 twice: once for what has no trace, once for what it left out.
      usage.set(trace, (usage.get(trace) ?? 0) + bytes)
      total += bytes
    })
    // Whole milliseconds: 0.15, not 0.15000000000000002.
    const secondsAt = (count: number): number => Math.round(count * this.interval * 1000) / 1000
    return { time: secondsAt(index + 1), label: secondsAt(index), usage, total }
  }

  *[Symbol.iterator](): Generator<HeapprofSnapshot, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.snapshot(index)
  }
}

function bytesOf(path: string): Buffer {
  const file = new InputFile(path)
  try {
    if (file.size > LARGEST) {
      const what = `it has ${file.size} bytes, expected ${LARGEST} at most`
      throw new HeapproofError('cannot-read', `${path}: cannot be read: ${what}`)
    }
    const bytes = Buffer.alloc(file.size)
    return bytes.subarray(0, file.read(bytes, 0))
  } finally {
    file.close()
  }
}

/** heapprof goes through a double, which tells times apart that differ by a quarter of a microsecond. */
const SAME_START = 0.001

function checkStart(digest: HeapprofDigest, path: string, hpm: string): void {
  if (digest.startTime === 0 || !existsSync(hpm)) return
  const file = new InputFile(hpm)
  try {
    const stream = new ByteStream(file)
    const version = stream.u32()
    const start = stream.take(16)
    if (version !== HEAPPROF_VERSION || start === undefined) return
    const other = startOf(stream, start)
    if (Math.abs(other - digest.startTime) <= SAME_START) return
    const [began, digested] = [new Date(other).toISOString(), new Date(digest.startTime).toISOString()]
    const what = `a recording from ${digested}, but ${hpm} is from ${began}`
    throw new HeapproofError('stale-digest', `${path}: the digest of ${what}`)
  } finally {
    file.close()
  }
}

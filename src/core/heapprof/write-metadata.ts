import type { Reader } from '../reader.js'
import type { Frame, Trace } from '../types.js'
import type { BufferedFile } from './buffered-file.js'
import { HEAPPROF_VERSION, LARGEST } from './limits.js'
import type { WrittenRange } from './weighting.js'

/** Milliseconds that a Date can tell. */
const LATEST = 8.64e15

/**
 * Writes the whole .hpm. Traces keep their indexes: those that are not used are written as empty ones.
 * Returns how many are used.
 */
export function writeMetadata(
  file: BufferedFile,
  reader: Reader,
  ranges: readonly WrittenRange[],
  used: Uint8Array,
): number {
  writeHead(file, reader.header?.startTime ?? 0, ranges)
  const writer = new TraceWriter(file)
  for (let trace = 1; trace < used.length; trace++) {
    writer.write(used[trace] === 1 ? reader.trace(trace) : undefined)
  }
  return used.subarray(1).reduce((sum, one) => sum + one, 0)
}

/** Writes what is before the first trace. A start that no clock shows is written as 0. */
function writeHead(file: BufferedFile, startTime: number, ranges: readonly WrittenRange[]): void {
  const known = startTime >= 0 && startTime < LATEST ? startTime : 0
  const seconds = Math.floor(known / 1000)
  const nanoseconds = Math.min(999_999_999, Math.round((known - seconds * 1000) * 1e6))
  file.u32(HEAPPROF_VERSION).u64(seconds).u64(nanoseconds).varint(ranges.length)
  for (const [bound, probability] of ranges) file.u64(bound).u32(probability)
}

/** Names of files are encoded once each. */
class TraceWriter {
  readonly #file: BufferedFile
  readonly #names = new Map<string, Uint8Array>()

  constructor(file: BufferedFile) {
    this.#file = file
  }

  /** The next trace; undefined is written as an empty one. */
  write(trace: Trace | undefined): void {
    for (const frame of trace?.frames ?? []) {
      const name = this.#nameOf(frame)
      this.#file.varint(lineOf(frame) + 1)
      this.#file.varint(name.length).bytes(name)
    }
    this.#file.varint(0)
  }

  #nameOf({ file, function: name }: Frame): Uint8Array {
    const text = file === '' ? name : file
    let bytes = this.#names.get(text)
    if (bytes === undefined) {
      // heapprof joins the names of a flame graph with semicolons and ends each stack with a line.
      bytes = Buffer.from(text.replace(/[;\p{Cc}]/gu, '_'), 'utf8')
      this.#names.set(text, bytes)
    }
    return bytes
  }
}

/** 0 when not known. heapprof takes one more than a line for the line. */
function lineOf({ line }: Frame): number {
  return line > 0 ? Math.min(line, LARGEST - 1) : 0
}

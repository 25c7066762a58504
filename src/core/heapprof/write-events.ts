import { HeapproofError } from '../errors.js'
import { EVENT } from '../format/cursor.js'
import type { Reader } from '../reader.js'
import type { BufferedFile } from './buffered-file.js'
import { LARGEST } from './limits.js'
import { LiveBytes } from './live-bytes.js'
import type { Weighing } from './weigh.js'
import { piecesOf } from './weighting.js'

const FREE = 2 ** 30

/** What was written of the events of a recording. */
export interface WrittenEvents {
  readonly events: number
  /** By trace: 1 when there is an event of it. */
  readonly used: Uint8Array
  readonly largestError: number
  readonly live: LiveBytes
}

/** Writes all allocations and frees of a recording that are selected. */
export function writeEvents(
  file: BufferedFile,
  reader: Reader,
  { selected, weighting, weightOf }: Weighing,
): WrittenEvents {
  const writer = new HeapprofEventWriter(file)
  const used = new Uint8Array(reader.traceCount + 1)
  const live = new LiveBytes(reader.traceCount)
  let events = 0
  let largestError = 0
  const cursor = reader.cursor()
  while (cursor.next()) {
    const { kind, time, trace } = cursor
    if (kind > EVENT.free || selected[trace] === 0) continue
    const weight = weightOf(trace, cursor.size, cursor.scale)
    const size = weighting.sizeOf(cursor.size, weight)
    const bytes = weighting.bytesOf(size)
    if (weight > 0) largestError = Math.max(largestError, Math.abs(bytes - weight) / weight)
    live.add(trace, kind === EVENT.free ? -bytes : bytes)
    used[trace] = 1
    const isFree = kind === EVENT.free
    if (size <= LARGEST) {
      writer.write(time, isFree, trace, size)
      events++
      continue
    }
    for (const piece of piecesOf(size)) {
      writer.write(time, isFree, trace, piece)
      events++
    }
  }
  return { events, used, largestError, live }
}

/** Writes events. The layout is drawn in event-cursor.ts. */
class HeapprofEventWriter {
  readonly #file: BufferedFile
  #time = 0

  constructor(file: BufferedFile) {
    this.#file = file
  }

  /**
   * `time` is in microseconds since the start and does not go back; nothing of it is lost, however many events there are.
   * `trace` is below 2^30, `size` below 2^31. Throws HeapproofError `too-large` when nothing happened for 68 years.
   */
  write(time: number, isFree: boolean, trace: number, size: number): void {
    const passed = time - this.#time
    const seconds = Math.floor(passed / 1e6)
    if (seconds > LARGEST) {
      throw new HeapproofError(
        'too-large',
        `heapprof's files cannot hold ${seconds} seconds between two events`,
      )
    }
    this.#time = time
    this.#file.u32(isFree ? trace + FREE : trace)
    this.#file.varint(seconds).varint(passed - seconds * 1e6)
    this.#file.varint(size)
  }
}

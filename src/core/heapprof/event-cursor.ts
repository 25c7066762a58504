import { EVENT, EventCursor } from '../format/cursor.js'
import type { Input } from '../format/files.js'
import { type Sampling, UNKNOWN_SAMPLING } from '../format/sampling.js'
import { Scales } from '../format/scales.js'
import { ByteStream, CUT } from './byte-stream.js'
import { LARGEST, TRACES } from './limits.js'

// The .hpd file of heapprof: events from its first byte on, with nothing before and nothing between them.
//
//          31         30     29          0
//   | u32: | backward | free | trace index | | varint seconds | varint microseconds | varint size |
//
// Time is that since the event before, of the first one since the start in the .hpm. A free has the trace and the size
// of its allocation. How many allocations an event stands for is not written: it follows from the size and the table.

const BACKWARD = 2 ** 31
const FREE = 2 ** 30

/**
 * Goes through the events of a .hpd file of heapprof.
 *
 * heapprof takes the time from the clock on the wall, which may be set back. Then it writes a wrong number: 0.25 seconds
 * backward are written as 1.75. A step backward counts as no time here, as it does in heapprof's own digest. What comes
 * after it is right again.
 */
export class HeapprofCursor extends EventCursor {
  readonly #stream: ByteStream
  readonly #traceCount: number
  readonly #scales: Scales
  /** Where the last whole event ends. */
  #good = 0
  #ignored = 0
  #begun = false

  /** `traceCount` is one more than the greatest index of a known trace. */
  constructor(input: Input, traceCount: number, sampling: Sampling | undefined) {
    super()
    this.#stream = new ByteStream(input)
    this.#traceCount = traceCount
    this.sampling = sampling ?? UNKNOWN_SAMPLING
    this.#scales = new Scales(this.sampling)
    this.rules[0] = this.sampling
  }

  /** Bytes of the event that the end of the file cut off. */
  get ignored(): number {
    return this.#ignored
  }

  get consumed(): number {
    return this.#good
  }

  next(): boolean {
    if (!this.#begun) {
      this.#begun = true
      if (this.sampling !== UNKNOWN_SAMPLING) {
        this.kind = EVENT.sampling
        return true
      }
    }
    return this.#event() || this.#ended()
  }

  #event(): boolean {
    const stream = this.#stream
    const head = stream.u32()
    if (head === CUT) return false
    const secondsAt = stream.offset
    const seconds = stream.varint()
    if (seconds > LARGEST) stream.fail(`${seconds} seconds between two events`, secondsAt)
    const microsecondsAt = stream.offset
    const microseconds = stream.varint()
    if (microseconds > 999_999) stream.fail(`${microseconds} microseconds of a second`, microsecondsAt)
    const size = stream.varint()
    // An earlier one that was cut leaves nothing for this one.
    if (size === CUT || seconds === CUT || microseconds === CUT) return false
    if (head < BACKWARD) {
      this.time += seconds * 1e6 + microseconds
      if (this.time > Number.MAX_SAFE_INTEGER) {
        stream.fail('a time is greater than 2^53 - 1 microseconds', secondsAt)
      }
    }
    const trace = head % TRACES
    this.kind = head % BACKWARD < FREE ? EVENT.alloc : EVENT.free
    this.trace = trace < this.#traceCount ? trace : 0
    this.size = size
    this.scale = this.#scales.of(size)
    this.#good = stream.offset
    return true
  }

  /**
   * No event says that heapprof was stopped. But it writes each event at once, so when no event is cut nothing is
   * missing that was recorded.
   */
  #ended(): boolean {
    this.#ignored = this.#stream.offset + this.#stream.left - this.#good
    if (this.#ignored === 0) this.end = ''
    this.finished?.()
    return false
  }
}

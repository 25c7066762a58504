import { DOMAINS } from '../types.js'
import type { BlockReader } from './block.js'
import { readCounters } from './counters.js'
import { EVENT, EventCursor } from './cursor.js'
import { readSampling, UNKNOWN_SAMPLING } from './sampling.js'
import { Scales } from './scales.js'
import { ByteReader } from './varint.js'

// The .hpd file: what happened, in the order of time. Its payloads are events:
//
//   | head varint: microseconds since the event before, times 4, plus the kind | fields of the kind |
//
// Kind 3 is the door for everything rare: | subtype varint | length varint | body |. Time, thread and sampling rules
// go on from block to block; only ages start over, at 0.

/** The kind behind which a subtype follows. `EventCursor.kind` is then 16 + the subtype. */
export const EXTENDED = 3
export const SUBTYPE = { sampling: 1, thread: 2, counters: 3, end: 4, scale: 5 } as const

/** Goes through the events of a .hpd file. */
export class HpdCursor extends EventCursor {
  readonly #input: ByteReader
  readonly #blocks: BlockReader
  readonly #traceDomains: Uint8Array
  readonly #traceCount: number
  /** By domain. */
  readonly #scales = DOMAINS.map(() => new Scales(UNKNOWN_SAMPLING))
  #givenScale = 0

  /** `traceDomains` gives the domain, a position in DOMAINS, of every trace known; entry 0 is the unknown trace. */
  constructor(path: string, blocks: BlockReader, traceDomains: ArrayLike<number>) {
    super()
    this.#input = new ByteReader(path)
    this.#blocks = blocks
    this.#traceDomains = Uint8Array.from(traceDomains)
    this.#traceCount = traceDomains.length
  }

  /** Bytes that belong to no whole block. */
  get ignored(): number {
    return this.#blocks.ignored
  }

  get consumed(): number {
    return this.#blocks.goodLength
  }

  next(): boolean {
    const input = this.#input
    for (;;) {
      if (input.position >= input.end) {
        if (!this.#blocks.next()) {
          this.finished?.()
          return false
        }
        input.reset(this.#blocks.payload, this.#blocks.payloadOffset)
        this.age = 0
      }
      const head = input.varint()
      const kind = head & 3
      const time = this.time + (head - kind) / 4
      if (time > Number.MAX_SAFE_INTEGER) input.fail('a time is greater than 2^53 - 1 microseconds')
      this.time = time
      if (kind <= EVENT.free) {
        this.kind = kind
        const trace = input.varint()
        this.trace = trace < this.#traceCount ? trace : 0
        this.size = input.size()
        this.scale = this.#takeScale()
        if (kind === EVENT.free) this.#ages(input.zigzag())
        return true
      }
      if (kind === EVENT.collection) {
        this.kind = kind
        this.type = input.varint()
        this.duration = input.varint()
        this.before = input.varint()
        this.after = input.varint()
        return true
      }
      if (this.#extended()) return true
    }
  }

  #ages(difference: number): void {
    this.age += difference
    if (this.age < 0) {
      this.#input.fail(`an object was freed ${-this.age} microseconds before it was allocated`)
    }
  }

  #takeScale(): number {
    const given = this.#givenScale
    if (given === 0) return (this.#scales[this.#traceDomains[this.trace] as number] as Scales).of(this.size)
    this.#givenScale = 0
    return given
  }

  /** True when the event is one to show, false when it only changes how the following are read. */
  #extended(): boolean {
    const input = this.#input
    const subtype = input.varint()
    const blockEnd = input.end
    const end = input.length() + input.position
    input.end = end
    this.kind = 16 + subtype
    const shown = this.#extendedBody(subtype)
    input.position = end
    input.end = blockEnd
    return shown
  }

  #extendedBody(subtype: number): boolean {
    const input = this.#input
    switch (subtype) {
      case SUBTYPE.sampling: {
        const domain = input.varint()
        this.sampling = readSampling(input)
        const name = DOMAINS[domain]
        if (name === undefined) return false
        this.domain = name
        this.rules[domain] = this.sampling
        this.#scales[domain] = new Scales(this.sampling)
        return true
      }
      case SUBTYPE.thread:
        this.thread = input.varint()
        return false
      case SUBTYPE.counters:
        this.counters = readCounters(input)
        return true
      case SUBTYPE.end:
        this.end = input.string()
        return true
      case SUBTYPE.scale:
        this.#givenScale = input.float64()
        if (this.#givenScale >= 1 && this.#givenScale < Number.POSITIVE_INFINITY) return false
        return input.fail(`a scale of ${this.#givenScale}, expected 1 or more`)
      default:
        return false
    }
  }
}

import { HeapproofError } from '../errors.js'
import { EVENT, type EventCursor } from '../format/cursor.js'
import { EventWriter } from '../format/event-writer.js'
import { SUBTYPE } from '../format/hpd.js'
import { type Sampling, scaleOf, UNKNOWN_SAMPLING } from '../format/sampling.js'
import { ByteWriter } from '../format/varint.js'
import { DOMAINS } from '../types.js'
import type { BlockFile } from './block-file.js'
import { MergedCounters } from './merged-counters.js'
import type { Rules, ThreadNumber } from './merged-header.js'

/** Events of a block: about 64 KiB. */
const BLOCK = 8192
/** The greatest time between two events that their head has room for; no age is greater. */
const LONGEST = 2 ** 51 - 1

/** Characters of a reason: a sentence. */
const LONGEST_REASON = 1000

/** What an input's numbers are in the merged recording. */
export interface MergedInput {
  readonly fileBase: string
  /** By trace of the input. */
  readonly traces: ArrayLike<number>
  /** Domains of the input's traces, as positions in DOMAINS. */
  readonly domains: ArrayLike<number>
  readonly threadNumber: ThreadNumber
}

/** Writes the events of all inputs, in the order in which it is given them. */
export class MergedEvents {
  readonly #file: BlockFile
  readonly #inputs: readonly MergedInput[]
  /** By position in DOMAINS. */
  readonly #ruleList: readonly Sampling[]
  readonly #counters = new MergedCounters()
  #writer = new EventWriter()
  #events = 0
  #thread = 0
  readonly #threadBodies: Uint8Array[] = []

  constructor(file: BlockFile, inputs: readonly MergedInput[], rules: Rules) {
    this.#file = file
    this.#inputs = inputs
    this.#ruleList = DOMAINS.map((domain) => rules[domain] ?? UNKNOWN_SAMPLING)
    for (const domain of DOMAINS) {
      const rule = rules[domain]
      if (rule === undefined) continue
      if (rule.table.length > 0) this.#writer.samplingTable(0, domain, rule.table, rule.draw)
      else this.#writer.sampling(0, domain, rule.interval, rule.rule)
    }
  }

  /** The current event of a cursor, at a time of the merged recording in microseconds. */
  add(input: number, event: EventCursor, time: number): void {
    const { kind } = event
    if (kind === EVENT.sampling || kind === EVENT.end) return
    const { fileBase, threadNumber } = this.#inputs[input] as MergedInput
    if (!(time - this.#writer.time <= LONGEST)) throw tooLate(fileBase, time)
    const thread = threadNumber(event.thread)
    if (thread !== this.#thread) {
      // Where recordings go on at the same time this is as frequent as allocations: the body is made once.
      this.#threadBodies[thread] ??= new ByteWriter().varint(thread).take()
      this.#writer.extended(time, SUBTYPE.thread, this.#threadBodies[thread])
      this.#thread = thread
    }
    if (kind <= EVENT.free) this.#allocation(input, event, time)
    else if (kind === EVENT.counters && event.counters !== undefined) {
      this.#writer.counters(time, this.#counters.update(input, event.counters))
    } else if (kind === EVENT.collection) {
      this.#writer.collection(time, event.type, event.duration, event.before, event.after)
    }
    this.#events++
    if (this.#events % BLOCK === 0) this.#endBlock()
  }

  /** The last event, and the end of the file. */
  end(reason: string): void {
    this.#writer.end(this.#writer.time, reason.slice(0, LONGEST_REASON))
    this.#endBlock()
  }

  #allocation(input: number, event: EventCursor, time: number): void {
    const { traces, domains } = this.#inputs[input] as MergedInput
    const { kind, size, scale } = event
    const rule = this.#ruleList[domains[event.trace] as number] as Sampling
    if (scaleOf(size, rule) !== scale) this.#writer.scale(time, scale)
    const trace = traces[event.trace] as number
    if (kind === EVENT.alloc) this.#writer.alloc(time, trace, size)
    else this.#writer.free(time, trace, size, Math.min(event.age, LONGEST))
  }

  #endBlock(): void {
    this.#file.block(this.#writer.take())
    this.#writer = new EventWriter(this.#writer.time)
  }
}

function tooLate(fileBase: string, time: number): HeapproofError {
  return new HeapproofError('damaged-profile', `${fileBase}: an event ${time / 1e6} seconds after the start`)
}

import { type OpenDigest, openDigest } from '../digest/file.js'
import { intervalOf, usualInterval } from '../digest/interval.js'
import { type Attention, digestInMemory, inTurns, writeDigest } from '../digest/make.js'
import { type DigestJob, progressOf } from '../digest/steps.js'
import { HeapproofError } from '../errors.js'
import type { EventCursor } from '../format/cursor.js'
import type { DigestReader } from '../format/hpc-reader.js'
import type { Recording } from '../format/recording.js'
import { checkOptions, type OptionRule } from '../text/options.js'
import { EVENTS_A_STEP, type Facts } from './facts.js'
import type { KnownTraces } from './known-traces.js'

/** How to make a digest. */
export interface DigestOptions extends Attention {
  /**
   * Seconds between snapshots, from 0.001, at most 100,000 of them. Default: a round number that makes 80 to 200
   * snapshots; finding it takes one more walk through the events.
   */
  readonly interval?: number | undefined
  /**
   * From 0 to less than 1, default 0: how much of the live bytes of each snapshot, and of what was allocated since the
   * one before, the smallest stacks may have that are left together as "other". Nothing is lost: a snapshot comes to the
   * same sum.
   */
  readonly precision?: number | undefined
}

const number: OptionRule = (value) => (typeof value === 'number' ? undefined : 'a number')

const RULES = {
  interval: (value: unknown) =>
    typeof value === 'number' && value >= 0.001 ? undefined : 'a number of seconds from 0.001',
  precision: (value: unknown) =>
    number(value) ?? ((value as number) >= 0 && (value as number) < 1 ? undefined : 'from 0 to less than 1'),
  onProgress: (value: unknown) => (typeof value === 'function' ? undefined : 'a function'),
  signal: (value: unknown) => (value instanceof AbortSignal ? undefined : 'an AbortSignal'),
}

/** The digest of a reader: the one beside the recording when it is valid, else one in memory. Writes no file unasked. */
export class Digests {
  readonly #recording: Recording
  readonly #facts: Facts
  readonly #traces: KnownTraces
  /** `null` when there is none. */
  #file: OpenDigest | null | undefined
  #memory: DigestReader | undefined

  constructor(recording: Recording, facts: Facts, traces: KnownTraces) {
    this.#recording = recording
    this.#facts = facts
    this.#traces = traces
  }

  /** The digest beside the recording, which may have been ended early. */
  get beside(): DigestReader | undefined {
    if (this.#file === undefined) {
      this.#file = openDigest(this.#recording) ?? null
      const index = this.#file?.digest.index
      if (index?.complete) this.#facts.learn(index.summary)
    }
    return this.#file?.digest
  }

  /** The digest that goes furthest without making one; else one in memory. */
  get any(): DigestReader {
    return this.beside ?? this.#whole
  }

  /** A digest that has the state at this time. */
  at(micros: number): DigestReader {
    const { beside } = this
    if (beside === undefined || beside.index.complete) return beside ?? this.#whole
    const last = beside.index.frames.at(-1)
    return last !== undefined && micros < last.time + beside.origin.interval ? beside : this.#whole
  }

  /** A digest up to the end. */
  get whole(): DigestReader {
    return this.at(Number.POSITIVE_INFINITY)
  }

  /** Microseconds between snapshots. Makes no digest. */
  get interval(): number {
    return this.beside?.origin.interval ?? usualInterval(this.#facts.summary.time)
  }

  async make(options: DigestOptions | undefined): Promise<void> {
    const { interval, precision, onProgress, signal } = checkOptions('makeDigest', options, RULES)
    signal?.throwIfAborted()
    const { eventsSize } = this.#recording.origin
    const isTwice = interval === undefined && !this.#facts.isTallied
    if (isTwice) await this.#learn(options)
    const micros = interval === undefined ? usualInterval(this.#facts.summary.time) : intervalOf(interval)
    const job = { ...this.#job(micros, precision), passed: isTwice ? eventsSize : 0 }
    try {
      const summary = await writeDigest(job, { onProgress, signal })
      this.#facts.learn(summary)
    } finally {
      this.close()
      this.#file = undefined
      this.#memory = undefined
    }
  }

  close(): void {
    this.#file?.close()
  }

  /** The walk that tells the duration. */
  async #learn({ onProgress, signal }: Attention = {}): Promise<void> {
    const total = this.#recording.origin.eventsSize * 2
    let events = 0
    const onStep = (cursor: EventCursor): void => {
      events += EVENTS_A_STEP
      onProgress?.(progressOf(cursor, events, total))
      signal?.throwIfAborted()
    }
    await inTurns(this.#facts.steps(), onStep, signal)
  }

  get #whole(): DigestReader {
    this.#memory ??= digestInMemory(this.#job(usualInterval(this.#facts.summary.time)))
    return this.#memory
  }

  #job(interval: number, precision = 0): Omit<DigestJob, 'sink'> {
    return {
      recording: this.#recording,
      cursor: this.#facts.cursor(),
      interval,
      precision,
      keep: (trace) => this.#traces.isOwn(trace),
    }
  }
}

/** The number of the last snapshot that is not after this time; the first when all are. */
export function numberAt({ index }: DigestReader, micros: number): number {
  const { frames } = index
  let [low, high] = [0, frames.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((frames[middle]?.time ?? 0) <= micros) low = middle
    else high = middle - 1
  }
  return low
}

/** Microseconds of a time in seconds. Throws HeapproofError `invalid-argument` for what is no number. */
export function microsOf(what: string, seconds: unknown): number {
  if (typeof seconds === 'number' && !Number.isNaN(seconds)) return Math.round(seconds * 1e6)
  throw new HeapproofError(
    'invalid-argument',
    `${what}: expected a time in seconds, received ${String(seconds)}`,
  )
}

import { EVENT, type EventCursor } from '../format/cursor.js'
import { MOST_SNAPSHOTS } from '../format/hpc.js'
import { DigestWriter, type Sink } from '../format/hpc-writer.js'
import type { Recording } from '../format/recording.js'
import { type Summary, summaryOf } from '../format/summary.js'
import { DigestBuilder } from './builder.js'
import { tooManySnapshots } from './interval.js'

/** How far a digest is. */
export interface DigestProgress {
  /** Events gone through. */
  readonly events: number
  /** Seconds since the start of the recording that they took. */
  readonly time: number
  /** Bytes of the .hpd gone through, and how many it has; both twice that when it is walked twice. */
  readonly bytes: number
  readonly totalBytes: number
}

/** What to make of which recording. */
export interface DigestJob {
  readonly recording: Recording
  readonly cursor: EventCursor
  /** Microseconds between snapshots. */
  readonly interval: number
  readonly precision: number
  /** Traces that are never counted among the others. */
  readonly keep: (trace: number) => boolean
  readonly sink: Sink
  /** Bytes that another walk has gone through before. */
  readonly passed?: number
}

/** Events from one step to the next: some milliseconds. */
const STEP = 2 ** 16

/**
 * Makes a digest, and hands over now and then so that something else can happen, or that it can be ended: told `true`,
 * it ends the digest with the last snapshot there is. Returns what the walk has told; undefined when it was ended.
 *
 * Snapshots are of the times 0, interval, 2 interval, ... and of the last event. Each is the state behind all events up
 * to its time.
 */
export function* digestSteps(job: DigestJob): Generator<DigestProgress, Summary | undefined, boolean> {
  const { recording, cursor, interval, precision, keep, sink } = job
  const { sessionId, metadataSize, eventsSize } = recording.origin
  const writer = new DigestWriter(sink, sessionId, { metadataSize, eventsSize, interval, precision })
  const builder = new DigestBuilder(writer, recording.tables.traceDomains, precision, keep)
  const walk = new Walk(job, writer, builder)
  while (walk.go(STEP)) {
    const { events } = walk
    if (!(yield progressOf(cursor, events, eventsSize, job.passed))) continue
    writer.finish(false, summaryOf(cursor, builder.domains))
    return undefined
  }
  walk.pass(cursor.time)
  builder.snapshot(cursor.time)
  const summary = summaryOf(cursor, builder.domains)
  writer.finish(true, summary)
  return summary
}

/** How far a walk is, after another one of `passed` bytes. */
export function progressOf(
  cursor: EventCursor,
  events: number,
  eventsSize: number,
  passed = 0,
): DigestProgress {
  const bytes = passed + cursor.consumed
  return { events, time: cursor.time / 1e6, bytes, totalBytes: passed + eventsSize }
}

class Walk {
  events = 0
  readonly #cursor: EventCursor
  readonly #interval: number
  readonly #writer: DigestWriter
  readonly #builder: DigestBuilder
  #next = 0

  constructor({ cursor, interval }: DigestJob, writer: DigestWriter, builder: DigestBuilder) {
    this.#cursor = cursor
    this.#interval = interval
    this.#writer = writer
    this.#builder = builder
  }

  /** Goes through so many events; false at the end. */
  go(count: number): boolean {
    const cursor = this.#cursor
    const builder = this.#builder
    for (let left = count; left > 0; left--) {
      if (!cursor.next()) return false
      if (cursor.time > this.#next) this.pass(cursor.time)
      const { kind } = cursor
      if (kind === EVENT.alloc) builder.alloc(cursor.trace, cursor.size, cursor.scale)
      else if (kind === EVENT.free) builder.free(cursor.trace, cursor.size, cursor.scale)
      this.events++
    }
    return true
  }

  /** Writes the snapshots before this time. */
  pass(time: number): void {
    for (; this.#next < time; this.#next += this.#interval) {
      if (this.#writer.count > MOST_SNAPSHOTS) throw tooManySnapshots(this.#interval, this.#duration())
      this.#builder.snapshot(this.#next)
    }
  }

  /** Walks on to the end. */
  #duration(): number {
    const cursor = this.#cursor
    while (cursor.next());
    return cursor.time
  }
}

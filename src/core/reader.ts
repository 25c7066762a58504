import { eventAt, type ProfileEvent } from './events.js'
import type { EventCursor } from './format/cursor.js'
import { findProfile } from './format/files.js'
import type { Header } from './format/header.js'
import type { Recording } from './format/recording.js'
import type { Sampling } from './format/sampling.js'
import type { ReadOptions } from './heapprof/open.js'
import { openRecording } from './reader/open.js'
import { Traces } from './traces.js'
import { type Counters, DOMAINS, type Domain, type Trace } from './types.js'

export type { ProfileEvent }

/** What only a walk through all events tells. */
interface Summary {
  readonly duration: number
  readonly ignored: number
  readonly counters: Counters | undefined
  readonly end: string | undefined
  readonly sampling: Readonly<Partial<Record<Domain, Sampling>>>
}

/**
 * Opens a recording: `<fileBase>.hpm` and `<fileBase>.hpd`. The name of either file may be given instead of the base.
 *
 * A recording that was cut, or is still being written, is read as far as it goes: it is never an error that a file ends
 * early, not even when it is empty. `reader.truncated` tells how much was left out.
 *
 * Cost: reads the whole .hpm, and nothing of the .hpd but its first bytes; memory grows with the number of stacks, not
 * with the number of events.
 *
 * Recordings that heapprof made of Python programs are read too: docs/heapprof-files.md.
 *
 * Throws HeapproofError: `invalid-argument`, `profile-not-found`, `cannot-read`, `not-a-profile`,
 * `unsupported-version`, `damaged-profile`. The last one can also come from everything that walks the events.
 */
export function read(fileBase: string, options?: ReadOptions): Reader {
  return new Reader(openRecording(findProfile(fileBase), options))
}

/** The files behind a reader: for what works on all stacks at once, or on the records themselves. */
export let recordingOf: (reader: Reader) => Recording

/** An open recording. Holds one file open until `close()`, or until the end of the scope with `using`. */
export class Reader {
  static {
    recordingOf = (reader) => reader.#recording
  }

  /** Path of the two files without their extensions. */
  readonly fileBase: string
  /** Undefined when the recording was cut before its header was written. */
  readonly header: Header | undefined
  /** How many traces there are: `trace(1)` to `trace(traceCount)`. */
  readonly traceCount: number

  readonly #recording: Recording
  readonly #traces: Traces
  #summary: Summary | undefined

  /** Made by `read()`. */
  constructor(recording: Recording) {
    const { fileBase, tables } = recording
    this.fileBase = fileBase
    this.header = tables.header
    this.#recording = recording
    this.#traces = new Traces(tables)
    this.traceCount = this.#traces.count
  }

  /** Mean bytes between samples as asked for at the start; 0 with a table, and when there is no header. */
  get samplingInterval(): number {
    return this.header?.samplingInterval ?? 0
  }

  /** Seconds from the start to the last event. Walks all events the first time, like the next four. */
  get duration(): number {
    return this.#summarize().duration
  }

  /** Bytes at the ends of the two files that could not be used, because the recorder did not finish them. */
  get truncated(): number {
    return this.#recording.metadataIgnored + this.#summarize().ignored
  }

  /** The exact counters as they were last written; undefined when they never were. */
  get counters(): Counters | undefined {
    return this.#summarize().counters
  }

  /** How it ended: undefined when it was cut, `''` when `stop()` was called, else why it stopped itself. */
  get end(): string | undefined {
    return this.#summarize().end
  }

  /** How each domain was sampled; a domain that was not recorded is not there. */
  get sampling(): Readonly<Partial<Record<Domain, Sampling>>> {
    return this.#summarize().sampling
  }

  /** The stack with this index. Any index without a trace gives the unknown trace: index 0, domain heap, no frames. */
  trace(index: number): Trace {
    return this.#traces.at(index)
  }

  /** The domain of a trace, without its frames: fast. */
  domainOf(index: number): Domain {
    return this.#traces.domainOf(index)
  }

  /** All events in the order of time. Read from the file as they are asked for; each call starts at the beginning. */
  *events(): Generator<ProfileEvent, void, undefined> {
    const cursor = this.cursor()
    while (cursor.next()) yield eventAt(cursor)
  }

  /** All events without an object for each: for reductions over millions of them. */
  cursor(): EventCursor {
    const cursor = this.#recording.cursor()
    cursor.finished = () => {
      this.#summary = summaryOf(cursor)
    }
    return cursor
  }

  /** Closes the file. Traces, and what was asked for before, can still be read. */
  close(): void {
    this.#recording.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #summarize(): Summary {
    if (this.#summary !== undefined) return this.#summary
    const cursor = this.cursor()
    while (cursor.next());
    return summaryOf(cursor)
  }
}

function summaryOf(cursor: EventCursor): Summary {
  const { time, ignored, counters, end } = cursor
  const sampling: Partial<Record<Domain, Sampling>> = {}
  for (const domain of DOMAINS) {
    const own = cursor.samplingOf(domain)
    if (own !== undefined) sampling[domain] = own
  }
  return { duration: time / 1e6, ignored, counters, end, sampling }
}

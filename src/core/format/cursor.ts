import { type Counters, DOMAINS, type Domain } from '../types.js'
import { type Sampling, UNKNOWN_SAMPLING } from './sampling.js'

/** What `EventCursor.kind` can be. */
export const EVENT = { alloc: 0, free: 1, collection: 2, sampling: 17, counters: 19, end: 20 } as const

/**
 * Goes through the events of a recording, whatever the format of its file. The fields are those of the current event
 * and change with every `next()`; nothing is allocated per event. Which fields are meant depends on `kind`.
 */
export abstract class EventCursor {
  kind: number = EVENT.end
  /** Microseconds since the start of the recording. */
  time = 0
  /** The thread the event belongs to; 0 is the one that started the recording. */
  thread = 0
  /** alloc, free: trace index; 0 when the .hpm does not hold the trace (the file was cut, or is being written). */
  trace = 0
  /** alloc, free: bytes of the one object. */
  size = 0
  /** alloc, free: how many allocations this one stands for; its weight in bytes is `size * scale`. */
  scale = 1
  /** free: microseconds the object lived. */
  age = 0
  /** collection: V8's type bit. */
  type = 0
  /** collection: microseconds. */
  duration = 0
  /** collection: bytes in use before and after. */
  before = 0
  after = 0
  /** sampling: the domain, and how its allocations are chosen from here on. */
  domain: Domain = 'heap'
  sampling: Sampling = UNKNOWN_SAMPLING
  /** The last COUNTERS event so far. */
  counters: Counters | undefined
  /** The reason in the last END event so far: `''` when the recording was stopped by its user. */
  end: string | undefined

  /** Called at the end of the last event, when all of them were gone through. */
  finished: (() => void) | undefined

  protected readonly rules: Sampling[] = DOMAINS.map(() => UNKNOWN_SAMPLING)

  /** Bytes at the end of the file that could not be used; known at the end. */
  abstract get ignored(): number

  /** Bytes of the file gone through, to a block or so: how far a long walk has come. */
  abstract get consumed(): number

  /** Goes to the next event; false when there is none. Throws HeapproofError `damaged-profile`. */
  abstract next(): boolean

  /** How a domain was sampled last; undefined when nothing was said of it. */
  samplingOf(domain: Domain): Sampling | undefined {
    const sampling = this.rules[DOMAINS.indexOf(domain)]
    return sampling === UNKNOWN_SAMPLING ? undefined : sampling
  }
}

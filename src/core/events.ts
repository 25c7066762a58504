import { EVENT, type EventCursor } from './format/cursor.js'
import type { Sampling } from './format/sampling.js'
import type { Counters, Domain } from './types.js'

interface EventBase {
  /** Seconds since the start of the recording. */
  readonly time: number
  /** The thread it happened on; 0 is the one that started the recording. */
  readonly thread: number
}

/** A sampled allocation. */
export interface AllocEvent extends EventBase {
  readonly kind: 'alloc'
  /** For `reader.trace()`; 0 when the stack is not known. */
  readonly trace: number
  /** Bytes of the object. */
  readonly size: number
  /** How many allocations like this one it stands for; `size * scale` is its weight in bytes. */
  readonly scale: number
}

/** The end of a sampled object. */
export interface FreeEvent extends EventBase {
  readonly kind: 'free'
  /** Trace, size and scale are those of the allocation. */
  readonly trace: number
  readonly size: number
  readonly scale: number
  /** Seconds the object lived; it is seen to be dead at a garbage collection. */
  readonly age: number
}

/** A garbage collection. */
export interface CollectionEvent extends EventBase {
  readonly kind: 'collection'
  /** V8's type: 1 scavenge, 2 minor mark-sweep, 4 mark-compact, 8 step of incremental marking, 16 weak callbacks. */
  readonly type: number
  /** Seconds. */
  readonly duration: number
  /** Bytes in use on the heap before and after. */
  readonly before: number
  readonly after: number
}

/** How the allocations of a domain are sampled from now on. */
export interface SamplingEvent extends EventBase, Sampling {
  readonly kind: 'sampling'
  readonly domain: Domain
}

/** The exact counters at this time. */
export interface CountersEvent extends EventBase {
  readonly kind: 'counters'
  readonly counters: Counters
}

/** The last event of a recording that was not killed. */
export interface EndEvent extends EventBase {
  readonly kind: 'end'
  /** `''` when the recording was stopped by its user, else why it stopped itself. */
  readonly reason: string
}

export type ProfileEvent = AllocEvent | FreeEvent | CollectionEvent | SamplingEvent | CountersEvent | EndEvent

/** The current event of a cursor as an object that stays as it is. */
export function eventAt(cursor: EventCursor): ProfileEvent {
  const { thread, trace, size, scale } = cursor
  const time = cursor.time / 1e6
  switch (cursor.kind) {
    case EVENT.alloc:
      return { kind: 'alloc', time, thread, trace, size, scale }
    case EVENT.free:
      return { kind: 'free', time, thread, trace, size, scale, age: cursor.age / 1e6 }
    case EVENT.collection: {
      const { type, before, after } = cursor
      return { kind: 'collection', time, thread, type, duration: cursor.duration / 1e6, before, after }
    }
    case EVENT.sampling: {
      const { domain, sampling } = cursor
      return { kind: 'sampling', time, thread, domain, ...sampling }
    }
    case EVENT.counters:
      return { kind: 'counters', time, thread, counters: cursor.counters as Counters }
    default:
      return { kind: 'end', time, thread, reason: cursor.end ?? '' }
  }
}

import { EVENT, type EventCursor } from '../format/cursor.js'
import type { Recorded } from '../reduce/sites.js'

/** What has to be taken out of the recording of a test. */
export interface Aside {
  /** When measuring inside the test began and ended, in turns, in seconds since the start; without a last end up to the end. */
  readonly times: readonly number[]
  /** What the test allocated without it, exactly, in bytes; undefined when the recording is not of the whole body. */
  readonly allocated: { readonly heap: number; readonly arrayBuffers: number } | undefined
}

/**
 * A recording of a test as if no matcher had called, collected and read anything meanwhile: the same that is taken out of
 * what the test allocated, so that its lines add up to that.
 */
export function withoutAside(recorded: Recorded, { times, allocated }: Aside): Recorded {
  if (times.length === 0) return recorded
  const micros = times.map((seconds) => Math.round(seconds * 1e6))
  return {
    traceCount: recorded.traceCount,
    trace: (index) => recorded.trace(index),
    domainOf: (index) => recorded.domainOf(index),
    cursor: () => leavingOut(recorded.cursor(), micros),
    // Those of the recording count what matchers called; without any, estimates stay as they were sampled.
    get counters() {
      const { counters } = recorded
      if (counters === undefined || allocated === undefined) return undefined
      return { ...counters, heapBytes: allocated.heap, arrayBufferBytes: allocated.arrayBuffers }
    },
    get sampling() {
      return recorded.sampling
    },
  }
}

function leavingOut(cursor: EventCursor, micros: readonly number[]): EventCursor {
  const next = cursor.next.bind(cursor)
  cursor.next = () => {
    while (next()) if (!isAside(cursor, micros)) return true
    return false
  }
  return cursor
}

/** Whether an object was allocated meanwhile, be it that it is freed later. */
function isAside({ kind, time, age }: EventCursor, micros: readonly number[]): boolean {
  if (kind > EVENT.free) return false
  const allocated = kind === EVENT.free ? time - age : time
  const later = micros.findIndex((each) => each > allocated)
  return (later < 0 ? micros.length : later) % 2 === 1
}

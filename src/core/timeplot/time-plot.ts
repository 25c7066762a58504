import { EVENT, type EventCursor } from '../format/cursor.js'
import type { Usage } from '../reader/usage.js'

/** Live bytes of one line, domain or thread over time. */
export interface TimeSeries {
  readonly name: string
  /** One number for each time of the plot. Estimates, with fractions. */
  readonly bytes: readonly number[]
  /** Of all bytes at that time, 0 to 1; 0 when there were none. Lines may lie on one stack: they can come to more than 1. */
  readonly share: readonly number[]
}

/** A garbage collection in a time plot. */
export interface CollectionMark {
  /** Seconds since the start. */
  readonly time: number
  /** Whether it went through the whole heap, or only through what is young. */
  readonly isMajor: boolean
}

/** Live bytes over time. */
export interface TimePlot {
  /** Seconds since the start, ascending. */
  readonly times: readonly number[]
  /** Live bytes at each time. */
  readonly total: readonly number[]
  /** Empty when no lines were asked for. */
  readonly series: readonly TimeSeries[]
  readonly collections: readonly CollectionMark[]
}

/** V8's type of collections that free what is old; those above it are steps on the way, and free nothing. */
export const MARK_COMPACT = 4

/** A plot of what is live of some groups; their names as a person is to read them. */
export function timePlotOf<Name>(
  { times, total, usage }: Usage<Name>,
  nameOf: (name: Name) => string,
  cursor: EventCursor,
): TimePlot {
  const series = Array.from(usage, ([name, bytes]) => {
    const share = bytes.map((number, index) => shareOf(number, total[index] as number))
    return Object.freeze({ name: nameOf(name), bytes: Object.freeze(bytes), share: Object.freeze(share) })
  })
  return Object.freeze({
    times: Object.freeze(times),
    total: Object.freeze(total),
    series: Object.freeze(series),
    collections: Object.freeze(collectionsOf(cursor)),
  })
}

/** Rounding can make a part greater than the whole. */
function shareOf(bytes: number, total: number): number {
  return total > 0 ? Math.min(1, bytes / total) : 0
}

function collectionsOf(cursor: EventCursor): CollectionMark[] {
  const marks: CollectionMark[] = []
  while (cursor.next()) {
    // Steps of marking, and callbacks, free nothing.
    if (cursor.kind !== EVENT.collection || cursor.type > MARK_COMPACT) continue
    marks.push(Object.freeze({ time: cursor.time / 1e6, isMajor: cursor.type === MARK_COMPACT }))
  }
  return marks
}

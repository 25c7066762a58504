import { COUNTER, COUNTERS } from '../addon.js'
import type { Counting } from './reading.js'
import { measuringState } from './state.js'

const counters = new Float64Array(COUNTERS)

/**
 * Makes sure that no garbage is still waiting to be swept.
 *
 * A mark-compact only marks; V8 gives the dead memory back page by page afterwards, when it needs room or in the
 * background, and the bytes in use fall at that moment, outside of any collection. Inside a reading that would hide up
 * to half a megabyte of allocations, or make the reading negative. A forced collection ends with everything swept. It
 * takes some 20 to 60 ms, so it is done only when a mark-compact has run since the last time (or may have, before the
 * addon was there to count it).
 */
export function settle(counting: Counting): void {
  const state = measuringState()
  counting.readCounters(counters)
  if (counters[COUNTER.majorCollections] === state.settledAt) return
  counting.collectGarbage()
  counting.readCounters(counters)
  state.settledAt = counters[COUNTER.majorCollections]
}

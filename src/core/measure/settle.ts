import { COUNTER, COUNTERS } from '../addon.js'
import type { Counting } from './reading.js'
import { measuringState } from './state.js'

const counters = new Float64Array(COUNTERS)

/**
 * Makes sure that no garbage is still waiting to be swept, and that V8 is not marking.
 *
 * A mark-compact only marks; V8 gives the dead memory back page by page afterwards, when it needs room or in the
 * background, and the bytes in use fall at that moment, outside of any collection. Inside a reading that would hide up
 * to half a megabyte of allocations, or make the reading negative. While V8 marks, on the other hand, it counts whole
 * allocation buffers as used. A forced collection ends both. It takes some 20 to 60 ms, so it is done only when V8 has
 * begun to mark or finished a mark-compact since the last time (or may have, before the addon was there to count it).
 */
export function settle(counting: Counting): void {
  const state = measuringState()
  counting.readCounters(counters)
  if (disturbances() === state.settledAt) return
  counting.collectGarbage()
  counting.readCounters(counters)
  state.settledAt = disturbances()
}

function disturbances(): number {
  return (counters[COUNTER.majorCollections] as number) + (counters[COUNTER.markings] as number)
}

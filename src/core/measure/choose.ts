import type { Domain } from '../types.js'
import { type Reading, totalOf, USUAL_DOMAINS } from './reading.js'

/** Two readings of the same work agree when they differ by no more than this. */
const RELATIVE = 0.005
const ABSOLUTE = 256

/** What V8 notes of the old space about a function or two that it compiles, in bytes. */
const LEARNED = 4096

/**
 * The reading to believe, out of several of the same function.
 *
 * Almost everything that disturbs a reading adds to it: functions compiled on first use, feedback and inline caches,
 * code rebuilt after a full collection threw it away. So the smallest is the nearest to what the function itself
 * allocates. Two things subtract: garbage of an earlier mark-compact that is swept late, and memory that a compiler gives
 * back, up to half a megabyte. They do not strike twice with the same size, so the smallest reading has to be confirmed by a second one. When no two agree,
 * the readings are most likely still falling towards the true one (caches filling up), and the smallest stands, unless
 * it is negative and so certainly wrong.
 */
export function chooseReading(
  readings: readonly Reading[],
  domains: readonly Domain[] = USUAL_DOMAINS,
): Reading {
  const total = (reading: Reading) => totalOf(reading, domains)
  const sorted = [...readings].sort((a, b) => total(a) - total(b))
  const possible = sorted.filter((reading) => isPossible(reading, domains))
  const confirmed = possible.find((reading, i) => {
    const next = possible[i + 1]
    return next !== undefined && total(next) - total(reading) <= total(reading) * RELATIVE + ABSOLUTE
  })
  return (confirmed ?? possible[0] ?? sorted[sorted.length - 1]) as Reading
}

/**
 * True when nothing is known to have disturbed the reading; the README beside this file says how exact that is.
 *
 * A reading is `used after - used before + what collections freed in between`. What a collection frees is known from
 * its own beginning and end, so a scavenge, which gives everything back before it ends, loses nothing. A mark-compact
 * leaves sweeping for later; what is then swept is missing from `used` and in no collection's account. And when V8
 * begins to mark while the program goes on, `used` jumps by the unused rest of its allocation buffers, 150 to 300 kB.
 * Neither was under way when the call began (see `settle`), so the sum stands if none began inside. A negative sum
 * proves that something was swept all the same. When V8 compiles inside, threads of its may take and give back some of the
 * old space: see `heapGrowth`.
 */
export function isExact(reading: Reading, domains: readonly Domain[] = USUAL_DOMAINS): boolean {
  // What is allocated elsewhere is counted call by call: collections do not matter.
  if (!domains.includes('heap')) return true
  const collected = reading.majorCollections > 0 || reading.markings > 0
  return !collected && reading.heap >= 0 && reading.doubt <= LEARNED
}

/** False for what is certainly wrong: a function cannot allocate less than nothing. */
export function isPossible(reading: Reading, domains: readonly Domain[]): boolean {
  return reading.heap >= 0 || !domains.includes('heap')
}

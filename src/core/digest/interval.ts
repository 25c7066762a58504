import { HeapproofError } from '../errors.js'
import { MOST_SNAPSHOTS } from '../format/hpc.js'

/** Microseconds. */
const SHORTEST = 1000
/** What the default aims below. */
const USUAL_SNAPSHOTS = 200

/**
 * Microseconds between snapshots of a recording of so many microseconds, when nobody said: a round number, 1, 2 or 5 with
 * zeros behind it, that makes 80 to 200 snapshots. Never less than 1 ms.
 *
 *    10 s    50 ms        10 min    5 s        a day    500 s
 */
export function usualInterval(duration: number): number {
  const least = Math.max(SHORTEST, duration / USUAL_SNAPSHOTS)
  const power = 10 ** Math.floor(Math.log10(least))
  // `power` may be off by one digit where the logarithm is a rounding error away from a whole number.
  const steps = [1, 2, 5, 10, 20].map((step) => step * power)
  return steps.find((step) => step >= least) as number
}

/** Seconds as they were asked for, in microseconds. Throws HeapproofError `invalid-argument` for less than 1 ms. */
export function intervalOf(seconds: number): number {
  const interval = Math.round(seconds * 1e6)
  if (interval >= SHORTEST && interval <= Number.MAX_SAFE_INTEGER) return interval
  throw new HeapproofError(
    'invalid-argument',
    `makeDigest: interval must be a number of seconds from 0.001, received ${seconds}`,
  )
}

/** The error for an interval that makes too many snapshots of so many microseconds. */
export function tooManySnapshots(interval: number, duration: number): HeapproofError {
  const enough = Math.ceil(duration / MOST_SNAPSHOTS / SHORTEST) / 1000
  const count = Math.ceil(duration / interval)
  return new HeapproofError(
    'invalid-argument',
    `makeDigest: an interval of ${interval / 1e6} s makes ${count} snapshots of a recording of ${duration / 1e6} s, ` +
      `expected at most ${MOST_SNAPSHOTS}: take ${enough} s or more`,
  )
}

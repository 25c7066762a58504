import type { Domain } from '../types.js'
import { awaitCost, withoutAwaiting } from './await-cost.js'
import { isExact } from './choose.js'
import { isThenable, type Job, wait } from './drive.js'
import { type Counting, countCall, type Reading } from './reading.js'
import { settle } from './settle.js'

/** Calls `fn` without counting. The same code counts as in a reading, so that it is compiled when it matters. */
export function* warmUp(counting: Counting, fn: () => unknown, calls: number): Job<void> {
  settle(counting)
  for (let call = 0; call < calls; call++) yield* wait(countCall(counting, fn))
}

/** Calls `fn` once and counts what it allocates. */
export function* count(counting: Counting, fn: () => unknown): Job<Reading> {
  settle(counting)
  counting.beginPage()
  const counted = countCall(counting, fn)
  if (!isThenable(counted)) return counted
  const reading = yield* wait(counted)
  return withoutAwaiting(reading, yield* awaitCost(counting))
}

/**
 * Counts `runs` calls. One that something is known to have disturbed (see `isExact`) is replaced by another, up to `runs`
 * times; when there are more, it is the function that makes V8 collect, and they count as they are.
 */
export function* countRuns(
  counting: Counting,
  fn: () => unknown,
  runs: number,
  domains?: readonly Domain[],
): Job<Reading[]> {
  const readings: Reading[] = []
  let replacements = runs
  while (readings.length < runs) {
    const reading = yield* count(counting, fn)
    if (isExact(reading, domains) || replacements-- <= 0) readings.push(reading)
  }
  return readings
}

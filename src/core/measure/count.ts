import { awaitCost, withoutAwaiting } from './await-cost.js'
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
  const counted = countCall(counting, fn)
  if (!isThenable(counted)) return counted
  const reading = yield* wait(counted)
  return withoutAwaiting(reading, yield* awaitCost(counting))
}

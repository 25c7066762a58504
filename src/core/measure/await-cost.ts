import { type Job, wait } from './drive.js'
import { type Counting, countCall, type Reading } from './reading.js'
import { measuringState } from './state.js'

const ATTEMPTS = 8

/**
 * What `countCall` reads for `async () => {}`: the promise of the function, and ours that wait for it. Measured once
 * per isolate, as the least of several attempts, the first of which pay for compiling our own code.
 */
export function* awaitCost(counting: Counting): Job<Reading> {
  const state = measuringState()
  if (state.awaitCost === undefined) {
    let least = yield* wait(countCall(counting, async () => {}))
    for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
      const reading = yield* wait(countCall(counting, async () => {}))
      if (reading.heap >= 0 && (reading.heap < least.heap || least.heap < 0)) least = reading
    }
    state.awaitCost = least
  }
  return state.awaitCost
}

/** A reading without the cost of waiting; never below what a reading can be. */
export function withoutAwaiting(reading: Reading, cost: Reading): Reading {
  return {
    ...reading,
    // A negative reading stays as it is: it says that something was swept, and must not be made to look like 0.
    heap: reading.heap < 0 ? reading.heap : Math.max(0, reading.heap - cost.heap),
    arrayBuffers: Math.max(0, reading.arrayBuffers - cost.arrayBuffers),
    native: Math.max(0, reading.native - cost.native),
  }
}

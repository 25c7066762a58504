import { COUNTER } from '../addon.js'
import type { Counting } from '../measure/reading.js'
import { BodyCount } from './body.js'
import { bracketState } from './state.js'

const ATTEMPTS = 12

/**
 * Measures, once per isolate, what a body of `async () => {}` reads: its promise, and ours that waits for it. The least of
 * several, the first of which pay for compiling our own code; so this also makes sure that none of it is compiled inside
 * the first test. To be called before the first test.
 */
export async function measureAwaitCost(counting: Counting): Promise<void> {
  const state = bracketState()
  if (state.awaitCost !== undefined) return
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // A function of its own each time, as every test has one: its first call counts.
    for (const fn of [async () => {}, () => {}]) {
      const body = new BodyCount()
      await body.around(counting, fn, undefined, [], () => {})
      const grown = body.grown(COUNTER.heapBytes)
      if (body.asynchronous && grown >= 0 && grown < least) least = grown
    }
  }
  state.awaitCost = Number.isFinite(least) ? least : 0
}

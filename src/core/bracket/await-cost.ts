import { COUNTER } from '../addon.js'
import type { Counting } from '../measure/reading.js'
import { BodyCount } from './body.js'
import { bracketState } from './state.js'

const ATTEMPTS = 15
/** The first ones pay for compiling our own code. */
const SETTLED = 6

/**
 * Measures, once per isolate, what a body of `async () => {}` reads: its promise. So this also makes sure that none of our
 * own code is compiled inside the first test. To be called before the first test.
 */
export async function measureAwaitCost(counting: Counting): Promise<void> {
  const state = bracketState()
  if (state.awaitCost !== undefined) return
  const readings: number[] = []
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Functions of their own each time, as every test has one: the first call of a function counts.
    for (const fn of [async () => {}, () => {}]) {
      const body = new BodyCount()
      await Promise.resolve() // the runner calls bodies from a microtask too
      await body.around(counting, fn, undefined, [], () => {})
      if (body.asynchronous && attempt >= SETTLED) readings.push(body.grown(COUNTER.heapBytes))
    }
  }
  // The one in the middle: now and then one is off by what V8's compiler threads take or give back.
  state.awaitCost = Math.max(0, readings.sort((a, b) => a - b)[readings.length >> 1] ?? 0)
}

import { COUNTER } from '../addon.js'
import type { Counting } from '../measure/reading.js'
import { BodyCount, type BodyFunction } from './body.js'
import { bracketState } from './state.js'

const ATTEMPTS = 15
/** The first ones pay for compiling our own code. */
const SETTLED = 6
/** Objects are aligned: the same function takes 8 bytes more in one place than in another. */
const WORD = 8

/**
 * Measures, once per isolate, what empty bodies read that are called for the first time, as those of tests are. So this
 * also makes sure that none of our own code is compiled inside the first test. To be called before the first test.
 */
export async function measureEmptyCost(counting: Counting): Promise<void> {
  const state = bracketState()
  if (state.emptyCost !== undefined) return
  const readings = { sync: [] as number[], async: [] as number[] }
  const empty = emptyFunctions(ATTEMPTS)
  counting.beginPage() // all of it fits into one
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    for (const kind of ['sync', 'async'] as const) {
      const body = new BodyCount()
      await Promise.resolve() // the runner calls bodies from a microtask too
      await body.around(counting, empty[kind][attempt] as BodyFunction, undefined, [], () => {})
      if (attempt >= SETTLED) readings[kind].push(body.grown(COUNTER.youngBytes))
    }
  }
  const compiling = middle(readings.sync)
  const promise = Math.max(0, middle(readings.async) - compiling) + WORD
  state.emptyCost = { compiling: compiling + WORD, promise }
}

/** Functions that differ, so that each is compiled by its first call; they are made from text for that. */
function emptyFunctions(count: number): { sync: BodyFunction[]; async: BodyFunction[] } {
  const list = (text: string) => `[${`${text},`.repeat(count)}]`
  try {
    return new Function(`return { sync: ${list('() => {}')}, async: ${list('async () => {}')} }`)()
  } catch {
    // Node was told to make no code from text: then the compiling is in every number, some 200 bytes.
    return { sync: Array(count).fill(() => {}), async: Array(count).fill(async () => {}) }
  }
}

/** Now and then one is off by a page that V8 takes. */
function middle(readings: number[]): number {
  return Math.max(0, readings.sort((a, b) => a - b)[readings.length >> 1] ?? 0)
}

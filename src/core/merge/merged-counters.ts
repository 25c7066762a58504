import { COUNTER_NAMES } from '../format/counters.js'
import type { Counters } from '../types.js'

const NONE = Object.fromEntries(COUNTER_NAMES.map((name) => [name, 0])) as unknown as Counters

/** The sum of the last counters of each of several recordings. */
export class MergedCounters {
  readonly #last = new Map<number, Counters>()
  readonly #sum: Record<keyof Counters, number> = { ...NONE }

  /** The new sum. One that a number in a file cannot be stays at 2^53 - 1. */
  update(input: number, counters: Counters): Counters {
    const before = this.#last.get(input) ?? NONE
    this.#last.set(input, counters)
    const capped = { ...NONE } as Record<keyof Counters, number>
    for (const name of COUNTER_NAMES) {
      this.#sum[name] += counters[name] - before[name]
      capped[name] = Math.max(0, Math.min(this.#sum[name], Number.MAX_SAFE_INTEGER))
    }
    return capped
  }
}

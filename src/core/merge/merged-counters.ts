import type { Counters } from '../types.js'

const NONE: Counters = {
  heapBytes: 0,
  collections: 0,
  majorCollections: 0,
  arrayBufferBytes: 0,
  arrayBufferCalls: 0,
  arrayBufferFreedBytes: 0,
  arrayBufferFrees: 0,
  nativeBytes: 0,
  nativeCalls: 0,
  nativeFrees: 0,
  unseenCollections: 0,
}

const NAMES = Object.keys(NONE) as readonly (keyof Counters)[]

/** The sum of the last counters of each of several recordings. */
export class MergedCounters {
  readonly #last = new Map<number, Counters>()
  readonly #sum: Record<keyof Counters, number> = { ...NONE }

  /** The new sum. One that a number in a file cannot be stays at 2^53 - 1. */
  update(input: number, counters: Counters): Counters {
    const before = this.#last.get(input) ?? NONE
    this.#last.set(input, counters)
    const capped = { ...NONE } as Record<keyof Counters, number>
    for (const name of NAMES) {
      this.#sum[name] += counters[name] - before[name]
      capped[name] = Math.max(0, Math.min(this.#sum[name], Number.MAX_SAFE_INTEGER))
    }
    return capped
  }
}

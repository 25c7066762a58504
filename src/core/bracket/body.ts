import { COUNTER, COUNTERS } from '../addon.js'
import { asideUntil, isAside } from '../measure/aside.js'
import { isThenable } from '../measure/drive.js'
import type { Counting } from '../measure/reading.js'

// Taken when this module is loaded: a test may replace it.
const { queueMicrotask } = globalThis

/** The function of a test, as the runner would call it. */
export type BodyFunction = (this: unknown, ...args: unknown[]) => unknown

/**
 * The counters before and after the body of one try. Made before the body is called, so that nothing is allocated
 * between the two readings but what the body allocates.
 *
 *     before ─ body, until it returns ─ returned    the runner wraps and awaits    resumed ─ body goes on ─ after
 *
 * What a runner does with the promise of an asynchronous body, before the body can go on, is taken out: `resumed` is read
 * in a microtask that was queued before the body was called, so it comes before all that the body has queued.
 */
export class BodyCount {
  readonly before = new Float64Array(COUNTERS)
  readonly after = new Float64Array(COUNTERS)
  readonly #returned = new Float64Array(COUNTERS)
  readonly #resumed = new Float64Array(COUNTERS)
  /** Whether there is something to take out from `returned` to `resumed`. */
  #gap = false
  readonly #asideBefore = new Float64Array(COUNTERS)
  readonly #asideAfter = new Float64Array(COUNTERS)
  /** `left`: it timed out and was not waited for; its counters are those of that moment. */
  state: 'waiting' | 'running' | 'left' | 'over' = 'waiting'
  asynchronous = false

  /** How much a counter grew, without what measuring inside the body added. */
  grown(index: number): number {
    const all = (this.after[index] as number) - (this.before[index] as number)
    const aside = (this.#asideAfter[index] as number) - (this.#asideBefore[index] as number)
    const gap = this.#gap ? (this.#resumed[index] as number) - (this.#returned[index] as number) : 0
    return all - aside - gap
  }

  /**
   * Calls the body between two readings of the counters, and `ended` when it is over. Errors and what it returns come
   * through unchanged.
   */
  around(counting: Counting, fn: BodyFunction, self: unknown, args: unknown[], ended: () => void): unknown {
    this.state = 'running'
    counting.readCounters(this.before)
    asideUntil(this.before, this.#asideBefore)
    let returned: unknown
    queueMicrotask(() => this.#resume(counting))
    counting.readCounters(this.before) // again: the lines above allocate
    try {
      returned = fn.apply(self, args)
    } catch (error) {
      counting.readCounters(this.after)
      this.#close('over')
      ended()
      throw error
    }
    counting.readCounters(this.after)
    if (!isThenable(returned)) {
      this.#close('over')
      ended()
      return returned
    }
    this.asynchronous = true
    this.#returned.set(this.after)
    return this.#until(counting, returned, ended)
  }

  /** Reads the counters of a body that has not ended and is no longer waited for. */
  leave(counting: Counting): void {
    counting.readCounters(this.after)
    this.#close('left')
  }

  #resume(counting: Counting): void {
    if (this.state !== 'running') return
    this.#gap = !isAside() // else it is taken out with the measurement under way
    counting.readCounters(this.#resumed)
  }

  #until(counting: Counting, returned: PromiseLike<unknown>, ended: () => void): Promise<unknown> {
    const over = () => {
      if (this.state === 'running') {
        counting.readCounters(this.after)
        this.#close('over')
      }
      ended()
    }
    return new Promise((resolve, reject) => {
      returned.then(
        (value) => {
          over()
          resolve(value)
        },
        (error) => {
          over()
          reject(error)
        },
      )
    })
  }

  #close(state: 'left' | 'over'): void {
    asideUntil(this.after, this.#asideAfter)
    this.state = state
  }
}

/** Bytes in use: objects of the heap, live or not yet collected, and ArrayBuffers that are not freed. */
export function inUse(counters: Float64Array): number {
  const at = (index: number) => counters[index] as number
  return at(COUNTER.heapUsed) + at(COUNTER.arrayBufferBytes) - at(COUNTER.arrayBufferFreedBytes)
}

import { type Addon, COUNTER, COUNTERS } from '../addon.js'
import type { Domain } from '../types.js'
import { isThenable } from './drive.js'
import { heapGrowth } from './heap-growth.js'

/** What was counted during one call of a function. Bytes, and numbers of collections. */
export interface Reading {
  /** Bytes the V8 heap handed out for objects. Negative only when garbage was swept, or V8 compiled, inside the call. */
  readonly heap: number
  /** How many of these may be what V8 took to compile, or took back, rather than the function's; not negative. */
  readonly doubt: number
  /** Bytes of ArrayBuffer memory that were allocated. */
  readonly arrayBuffers: number
  /** Bytes that C++ code asked malloc for; 0 unless that is being counted. */
  readonly native: number
  /** Garbage collections of any kind. */
  readonly collections: number
  /** Those of them that were mark-compacts: collections of the whole heap. */
  readonly majorCollections: number
  /** How often V8 began to mark the whole heap while the program goes on; the collection follows later. */
  readonly markings: number
}

/** The part of the addon that counts. */
export type Counting = Pick<Addon, 'readCounters' | 'collectGarbage' | 'beginPage'>

/**
 * Calls `fn` once and counts around the call alone. For a function that returns a promise, until it is settled; its
 * rejection, like an exception, is passed on unchanged.
 *
 * Between the two readings of a synchronous call there is nothing but the call: both arrays exist before the first
 * reading, and whether the result is a promise is asked after the second. For a promise the reading is taken again
 * when it settles, so it also holds what waiting costs; see `awaitCost`.
 */
export function countCall(counting: Counting, fn: () => unknown): Reading | Promise<Reading> {
  const before = new Float64Array(COUNTERS)
  const after = new Float64Array(COUNTERS)
  counting.readCounters(before)
  const returned = fn()
  counting.readCounters(after)
  if (!isThenable(returned)) return difference(before, after)
  return new Promise((resolve, reject) => {
    returned.then(() => {
      counting.readCounters(after)
      resolve(difference(before, after))
    }, reject)
  })
}

function difference(before: Float64Array, after: Float64Array): Reading {
  const grown = (index: number) => (after[index] as number) - (before[index] as number)
  const { young, old, compiling } = heapGrowth(grown)
  return {
    heap: young + old,
    doubt: compiling ? Math.abs(old) : 0,
    arrayBuffers: grown(COUNTER.arrayBufferBytes),
    native: grown(COUNTER.nativeBytes),
    collections: grown(COUNTER.collections),
    majorCollections: grown(COUNTER.majorCollections),
    markings: grown(COUNTER.markings),
  }
}

/** The domains that count when nobody names others. */
export const USUAL_DOMAINS: readonly Domain[] = ['heap', 'arrayBuffer']

/** All bytes of a reading, in the domains that count. */
export function totalOf(reading: Reading, domains: readonly Domain[] = USUAL_DOMAINS): number {
  return domains.reduce((total, domain) => total + reading[FIELD[domain]], 0)
}

const FIELD = { heap: 'heap', arrayBuffer: 'arrayBuffers', native: 'native' } as const

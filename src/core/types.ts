/**
 * Where memory comes from: `heap` is the JavaScript heap, `arrayBuffer` the memory behind ArrayBuffers, `native` what
 * C++ code takes from malloc.
 */
export type Domain = 'heap' | 'arrayBuffer' | 'native'

/** All domains; the position of a domain in this list is its number in the files. */
export const DOMAINS = ['heap', 'arrayBuffer', 'native'] as const

/** One function call on a stack. */
export interface Frame {
  /** Name of the function; `(anonymous)` when it has none. */
  readonly function: string
  /** Path of the source file, or its URL as it is when it is not a file (`node:fs`); `''` when unknown. */
  readonly file: string
  /** Line of the allocation or call, from 1; 0 when unknown. */
  readonly line: number
  /** Column of the allocation or call, from 1; 0 when unknown. */
  readonly column: number
  /** True when line and column are where the function starts, not where it allocates. */
  readonly approximate: boolean
}

/** A stack that allocated, seen once or many times. */
export interface Trace {
  /** Number of the trace in its recording, from 1; 0 is the unknown trace. */
  readonly index: number
  readonly domain: Domain
  /** The frames, leaf first. */
  readonly frames: readonly Frame[]
  /** True when the stack was deeper than the recording kept. */
  readonly truncated: boolean
}

/** What one line of one function allocated in one domain. Byte values are estimates in bytes, unless said otherwise. */
export interface Site {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly domain: Domain
  /** Bytes allocated at this line. */
  readonly self: number
  /** Bytes allocated at this line and in what it calls. */
  readonly total: number
  /** Bytes of `self` that were not yet freed at the end. */
  readonly live: number
  /** Estimated number of allocations, weights applied. */
  readonly allocations: number
  /** Number of samples the estimate rests on. */
  readonly samples: number
  /** Relative standard error of `self`: 0.02 means give or take 2 %. */
  readonly error: number
}

/** Exact counters since the start of the recording, in bytes and numbers of events. */
export interface Counters {
  readonly heapBytes: number
  readonly collections: number
  readonly majorCollections: number
  readonly arrayBufferBytes: number
  readonly arrayBufferCalls: number
  readonly arrayBufferFreedBytes: number
  readonly arrayBufferFrees: number
  /** What C++ code asked malloc for; 0 when the recording does not follow the `native` domain. */
  readonly nativeBytes: number
  readonly nativeCalls: number
  readonly nativeFrees: number
  /** Collections before which the polled source did not look, and so lost samples; 0 with the direct source. */
  readonly unseenCollections: number
}

import nodeGypBuild from 'node-gyp-build'
import { HeapproofError } from './errors.js'
import { packageRoot } from './package-root.js'

/**
 * The native half, one instance per isolate (main thread or worker). All values are plain: callers make the typed
 * arrays, failures come back as reasons in words, nothing is thrown. Callers validate; the native side trusts.
 */
export interface Addon {
  /**
   * Writes the exact counters, cumulative since the addon was loaded into this isolate, to the places that `COUNTER`
   * names. Allocates nothing on the V8 heap; costs about half a microsecond.
   */
  readCounters(into: Float64Array): void
  /** Runs full collections until nothing more is freed; needs no V8 flag. Milliseconds to a second, by heap size. */
  collectGarbage(): void
  /** From now on the lines of newly compiled functions are known. Idempotent. */
  watchCode(): void
  /**
   * Starts recording into two open, empty files, through descriptors of its own: the caller closes these in any case.
   * Undefined on success; else `already-profiling`, `sampler-busy`, or `unsupported: <why>`.
   */
  start(
    hpmFd: number,
    hpdFd: number,
    headerJson: string,
    samplingInterval: number,
    stackDepth: number,
    domains: number,
  ): string | undefined
  /** Writes out what is buffered. */
  flush(): void
  /** Ends the recording and closes its files. Undefined, or why the recording had ended by itself before. */
  stop(): string | undefined
  isProfiling(): boolean
}

/** Where `readCounters` writes what; bytes and numbers of events. The native side has the same list (v8/host.h). */
export const COUNTER = {
  heapBytes: 0,
  collections: 1,
  majorCollections: 2,
  arrayBufferBytes: 3,
  arrayBufferCalls: 4,
  arrayBufferFreedBytes: 5,
  arrayBufferFrees: 6,
  heapUsed: 7,
} as const

/** Length of an array given to `readCounters`; more than there are counters, so that one can be added. */
export const COUNTERS = 16

/** The domains of `start`, or-ed together. */
export const DOMAIN_BITS = { heap: 1, arrayBuffer: 2, native: 4 } as const

let loaded: Addon | undefined

/**
 * The native half, loaded on first use. Reading profiles never calls this, so it works where no binary is.
 *
 * Loading begins to watch which code V8 compiles, so that lines are known later; `HEAPPROOF_WATCH=0` leaves that to
 * the start of a recording. Throws `addon-unavailable` where there is no binary for this Node.
 */
export function addon(): Addon {
  loaded ??= load()
  return loaded
}

function load(): Addon {
  let binding: Addon
  try {
    binding = nodeGypBuild(packageRoot()) as Addon
  } catch (error) {
    throw new HeapproofError('addon-unavailable', unavailable(error))
  }
  if (process.env.HEAPPROOF_WATCH !== '0') binding.watchCode()
  return binding
}

function unavailable(error: unknown): string {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
  return `heapproof has no native part for this Node (${process.platform}-${process.arch}, Node ${process.versions.node}): ${reason}. Build it in the package's folder with "npx node-gyp rebuild".`
}

import { createRequire } from 'node:module'
import { builtForAnother } from './built-for.js'
import { HeapproofError } from './errors.js'
import { packageRoot, runningFile } from './package-root.js'

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
  /**
   * From now on `readCounters` adds what worker threads have reported to `shared`; with undefined no longer. `shared` holds
   * doubles: how many threads have ended, and then the sums by `COUNTER`.
   */
  addWorkers(shared: SharedArrayBuffer | undefined): void
  /** In a worker thread: what it allocates from now on is reported there when it ends, in whatever way. */
  reportAtEnd(shared: SharedArrayBuffer): void
  /** Runs full collections until nothing more is freed; needs no V8 flag. Milliseconds to a second, by heap size. */
  collectGarbage(): void
  /**
   * Has V8 put collections of the whole heap off for some seconds, unless the heap exceeds its limit by half, or 32 MB: they
   * throw optimised code away, and when V8 begins one depends on the machine. What is forced takes place. To be called
   * again and again; costs a microsecond then.
   */
  postponeCollections(): void
  /**
   * Has the next young object begin on a page of its own. V8 counts the rest of a page that the next object does not fit
   * into: the same objects count the same only where they begin at the same place of a page. Some 10 microseconds; what is
   * allocated for it counts nowhere.
   */
  beginPage(): void
  /** What this thread allocates from now on is heapproof's, not the program's, until `false` is said as often; nests. */
  setOurs(on: boolean): void
  /**
   * From now on `readCounters` tells how often V8 compiled, and machine code is noted. Its lines are those of calls alone
   * until `noteOlderCode`. Idempotent.
   */
  watchCode(): void
  /**
   * Has V8 tell of the functions that were compiled before, and keep every position in what it compiles from now on; else
   * the first recording does. V8 goes through its heap twice: 14 ms at 13 MB, 30 at 33, so it is best done before the
   * program is loaded. Idempotent.
   */
  noteOlderCode(): void
  /** Whether lines are known in code that V8's Sparkplug compiles; looks for what that needs, once: milliseconds. */
  knowsBaselineLines(): boolean
  /** Sets options of V8, for all threads of the process. */
  setFlags(flags: string): void
  /**
   * Switches one of them off, `maglev`, for good: without Node refusing the compiled form of its own modules and of the
   * program's from then on, as it does when an option of V8 is not as by default.
   */
  switchOff(name: string): void
  isMainThread(): boolean
  /** Leaves a text for all threads of the process, now and later; empty before. */
  shareText(text: string): void
  sharedText(): string
  /**
   * Starts recording into two open, empty files, through descriptors of its own: the caller closes these in any case.
   * With -1 for both it is a live view, without files; with a `fileBase` as well they stay in memory, see `recorded()`,
   * unless one takes more than a megabyte: then both are made. `rule` is `[interval]`, the mean bytes between samples (1:
   * everything), or `[0, bound, probability, bound, probability, ...]`, ascending; `seed` 0 takes a random one. The
   * header gets `startTime`, `source` and `sourceReason` from the native side.
   *
   * Undefined on success; else `already-profiling`, `sampler-busy`, `unsupported: <why>` or `sampler-failed: <why>`.
   */
  start(
    hpmFd: number,
    hpdFd: number,
    headerJson: string,
    domains: number,
    stackDepth: number,
    source: number,
    rule: Float64Array,
    seed: number,
    fileBase?: string,
  ): string | undefined
  /**
   * Between recordings: what the sampler has changed in the process, and the threads of a recording, stay as they are
   * until `false`, so that the next one begins and ends half a millisecond sooner.
   */
  holdSampler(on: boolean): void
  /** Writes out what is buffered. */
  flush(): void
  /** Ends the recording and closes its files. Undefined, or why the recording had ended by itself before. */
  stop(): string | undefined
  /** The .hpm and the .hpd of the recording that ended last, once, if they are in memory. */
  recorded(): [hpm: Buffer, hpd: Buffer] | undefined
  /**
   * What the recording that ended last comes to, if it was given a `fileBase` and did not end by itself; else empty. The
   * bytes that were counted, of the heap and behind array buffers; then `SUM_NUMBERS` for each trace with samples.
   */
  recordedSums(): Float64Array
  /** Whether a script of the recording that ended last names a source map in a file of its own. */
  namedSourceMaps(): boolean
  /** Seconds since the start of the recording or live view under way. */
  elapsed(): number
  /** Whether a recording, a live view or stats are under way in this isolate. */
  isProfiling(): boolean
  /** The .hpm of a live view so far, the same bytes as a file would have. */
  metadata(): Buffer
  /** Four numbers for each trace with live samples: trace index, samples, scaled bytes, scaled allocations. */
  liveTraces(): Float64Array
  /**
   * The trace index of a live object that was sampled, or of an array buffer whose memory was; else 0, as with the polled
   * source. Goes through all live samples: 100 ms for a million.
   */
  traceOf(object: unknown): number
  /** Writes the scaled bytes of all live samples: now, and at most since the start or `resetPeak()`. */
  tracedMemory(into: Float64Array): void
  resetPeak(): void
  /** Forgets what is live. The files of a recording are not affected. */
  clearTraces(): void
  /** About how many bytes the sampler itself uses for this isolate. Walks its tables: milliseconds. */
  ownMemory(): number
  /**
   * Counts sizes instead of recording: objects that V8 draws every `interval` bytes, weighted; array buffers and native
   * memory call by call. Reasons as for `start`.
   */
  startStats(domains: number, interval: number): string | undefined
  /** Ends that and writes `STATS_NUMBERS` numbers: count and bytes, for each of 64 sizes, for each domain. */
  stopStats(into: Float64Array): void
  /**
   * Watches how much is reachable at once, from what is live now on. With a `step`, collects the whole heap each time that
   * many more bytes were allocated, at most `mostCollections` times; with 0 it only looks on. Reasons as for `start`.
   */
  startPeak(step: number, mostCollections: number): string | undefined
  /** Ends that and writes the numbers of `PEAK`. */
  stopPeak(into: Float64Array): void
  /** Counts native memory without a recording, or no longer; nests. Undefined on success, else why it cannot. */
  countNative(on: boolean): string | undefined
}

/** In `recordedSums`: of one trace its index, bytes, freed bytes, allocations, samples, frees, and the variance of its bytes. */
export const SUM_NUMBERS = 7
/** The numbers before them. */
export const SUM_TOTALS = 2

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
  nativeBytes: 8,
  nativeCalls: 9,
  nativeFrees: 10,
  /** How often V8 began to mark the heap while the program runs. */
  markings: 11,
  /** That part of `heapBytes` that was handed out where nearly all objects begin: among the young, and large ones. */
  youngBytes: 12,
  /** That part of it that was handed out among the old objects: see `heapGrowth`. */
  oldBytes: 13,
  /** How often V8 put machine code of a function in place. */
  installed: 14,
  /** How often it made bytecode of one. */
  compiled: 15,
} as const

/** Where `stopPeak` writes what. Bytes are beyond what was live at `startPeak`. */
export const PEAK = {
  /** Reachable memory never was more, */
  upper: 0,
  /** and was as much at least. */
  lower: 1,
  /** Collections that were forced. */
  collections: 2,
  /** 1 when there would have been more than `mostCollections`. */
  exhausted: 3,
  /** Seconds into the recording under way at which `lower` was seen. */
  seconds: 4,
  /** Bytes allocated meanwhile, on the heap and in ArrayBuffers. */
  allocated: 5,
} as const

/** Length of an array given to `stopPeak`. */
export const PEAK_NUMBERS = 8

/** Length of an array given to `readCounters`; more than there are counters, so that one can be added. */
export const COUNTERS = 16

/** The domains of `start`, or-ed together. */
export const DOMAIN_BITS = { heap: 1, arrayBuffer: 2, native: 4 } as const

/** The sources of `start` for the heap domain. */
export const SOURCE = { auto: 0, direct: 1, polled: 2 } as const

/** Power-of-two size classes of `stopStats`: class n holds sizes above 2^(n-1) up to 2^n, class 0 those of 0 and 1. */
export const STATS_BUCKETS = 64

/** Length of an array given to `stopStats`: two numbers for each class of each domain. */
export const STATS_NUMBERS = 3 * STATS_BUCKETS * 2

let loaded: Addon | undefined

/**
 * The native half, loaded on first use. Reading profiles never calls this, so it works where no binary is.
 *
 * Loading begins to watch which code V8 compiles; `HEAPPROOF_WATCH=0` leaves that to the start of a recording. Throws
 * `addon-unavailable` where there is no binary for this Node.
 */
export function addon(): Addon {
  loaded ??= load()
  return loaded
}

/** The same for a thread whose lines nobody wants to know: nothing is watched because of it. */
export function countingAddon(): Addon {
  return loaded ?? binary()
}

/** The error that {@link addon} would throw; undefined when it would not. Does not begin to watch anything. */
export function missingAddon(): HeapproofError | undefined {
  try {
    if (loaded === undefined) binary()
    return undefined
  } catch (error) {
    return error as HeapproofError
  }
}

function load(): Addon {
  const binding = binary()
  if (process.env.HEAPPROOF_WATCH !== '0') binding.watchCode()
  return binding
}

function binary(): Addon {
  try {
    // Not imported: for names that nobody asks for, an ES module's import of it takes 3 ms.
    const nodeGypBuild = createRequire(runningFile())('node-gyp-build') as (folder: string) => unknown
    return nodeGypBuild(packageRoot()) as Addon
  } catch (error) {
    throw new HeapproofError('addon-unavailable', unavailable(error))
  }
}

function unavailable(error: unknown): string {
  const said = error instanceof Error ? error.message.split('\n')[0] : String(error)
  const reason = builtForAnother() ?? said
  return `heapproof has no native part for this Node (${process.platform}-${process.arch}, Node ${process.versions.node}): ${reason}. Build it in the package's folder with "npx node-gyp rebuild".`
}

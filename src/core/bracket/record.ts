import type { Domain } from '../types.js'

/** A line that allocated during a test. Bytes are estimates from samples. */
export interface TestSite {
  readonly function: string
  /** Path relative to the root of the project, with forward slashes, when it lies inside; else as it is. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly domain: Domain
  readonly self: number
  readonly total: number
  /** Bytes of `self` that were not found dead when the test ended. */
  readonly live: number
}

/** A line of a test's recording, of all there are: what its heap snapshot is made of. */
export interface TestLine extends Pick<TestSite, 'function' | 'file' | 'line' | 'domain' | 'self'> {
  /** Standard error of `self`, in bytes. */
  readonly error: number
}

/** A limit of a test and what came of it. */
export interface TestLimit {
  readonly kind: 'allocated' | 'retained' | 'peak' | 'native'
  /** Bytes. */
  readonly limit: number
  /** Bytes that were measured; undefined when it could not be measured. */
  readonly measured: number | undefined
  readonly verdict: 'kept' | 'exceeded' | 'cannot-tell'
}

/**
 * What was measured of a test: of its last try, and of that the repetition that allocated least. Plain data, made in the
 * worker and read where the run is reported; it is the same for all runners. Bytes, unless said otherwise.
 */
export interface TestRecord {
  readonly version: 1
  /** `heap` and `arrayBuffers` together: what the body of the test allocated, without hooks and fixtures. */
  readonly allocated: number
  readonly heap: number
  readonly arrayBuffers: number
  /** What C++ code took from malloc; undefined when it was not followed. */
  readonly native: number | undefined
  /** Undefined when nobody asked. */
  readonly peak: number | undefined
  readonly retained: number | undefined
  readonly collections: number
  /** `exact`; `approximate` when something disturbed the count; `unknown` when other tests ran at the same time. */
  readonly certainty: 'exact' | 'approximate' | 'unknown'
  /** Whether V8's optimising compilers were off, so that the same code allocates the same in every run. */
  readonly settled?: boolean | undefined
  /** How many worker threads are in `allocated`; undefined when they were not to count. */
  readonly workers?: number | undefined
  /** Why it is not exact: a clause, or empty. */
  readonly reason: string
  readonly limits: readonly TestLimit[]
  /** The lines that allocated most, at most ten, heaviest first; empty when nothing was sampled. */
  readonly sites: readonly TestSite[]
  /** Mean bytes between two samples, and the relative standard error of all sites together; undefined when not sampled. */
  readonly samplingInterval: number | undefined
  readonly samplingError: number | undefined
  /**
   * Of the quantities that are not certain to a byte: where the true figure lies, from and to, in bytes. Undefined when all
   * are certain, or nobody wrote it down.
   */
  readonly ranges?: Partial<Readonly<Record<TestLimit['kind'], readonly [number, number]>>> | undefined
  /**
   * Whether `sites` are those of a part of the body: up to where it recorded something itself, or a matcher in it looked
   * for lines, since there can be one recording. No profile is kept then.
   */
  readonly partial?: boolean | undefined
  /** File base of the profile, relative to the root of the project, when it was kept. */
  readonly profile: string | undefined
}

import type { Site } from '../types.js'
import type { CommandResult } from './run-command.js'

/** What one Node process, or one worker thread of it, allocated. Sizes in bytes, exact unless `ended` says more. */
export interface ProcessPart {
  readonly pid: number
  /** Thread id as in `worker_threads`; 0 is the main thread. */
  readonly thread: number
  /** As `process.argv`. */
  readonly command: readonly string[]
  readonly heap: number
  readonly arrayBuffers: number
  /** Undefined when it was not counted. */
  readonly native: number | undefined
  readonly collections: number
  /** `''` when it was counted to its end, else why not: its numbers are then those of up to a quarter of a second before. */
  readonly ended: string
}

/** What a command allocated, as `measureProcess` found it: all its Node processes and threads. All sizes in bytes. */
export interface ProcessMeasurement extends CommandResult {
  /** The command and its arguments. */
  readonly command: readonly string[]
  /** `heap` and `arrayBuffers` together, whether or not it was freed again. */
  readonly allocated: number
  readonly heap: number
  readonly arrayBuffers: number
  /** What C++ code took from malloc; undefined when it was not counted. Not part of `allocated`. */
  readonly native: number | undefined
  readonly collections: number
  /** False when a process or thread was not counted to its end, or not at all. */
  readonly exact: boolean
  /** Why it is not exact: a clause for each process or thread that is to blame. */
  readonly doubts: readonly string[]
  /** Each process and thread; the first process to start comes first. */
  readonly parts: readonly ProcessPart[]
  /** The lines that allocate, heaviest first, estimated from samples. */
  readonly sites: readonly Site[]
  /** Mean bytes between two samples. */
  readonly samplingInterval: number
  /** Relative standard error of all sites together: 0.01 means give or take 1 %. */
  readonly samplingError: number
  /** File base of the profile, when it was kept. */
  readonly profile: string | undefined
}

import type { AskedSampling } from '../format/header.js'
import type { Trace } from '../types.js'

/** A stack and what of its allocations is live. Bytes and allocations are estimates from the samples. */
export interface SnapshotTrace {
  readonly trace: Trace
  readonly bytes: number
  readonly allocations: number
  /** Number of samples the estimates rest on. */
  readonly samples: number
}

/** Notes of the user that are kept with a snapshot: what JSON can hold. */
export type SnapshotAttributes = Readonly<Record<string, unknown>>

/** What a snapshot is made of. */
export interface SnapshotContent {
  readonly traces: readonly SnapshotTrace[]
  /** Seconds since the start of the recording or live view. */
  readonly time: number
  readonly sampling: AskedSampling
  readonly tracebackLimit: number
  readonly attributes?: SnapshotAttributes
}

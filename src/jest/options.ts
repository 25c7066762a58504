import type { BracketOptions } from '../core/bracket/options.js'
import type { ReportOptions } from '../core/report/options.js'
import type { SnapshotsOptions } from '../core/snapshot/options.js'

/** Options of `withHeapproof`. */
export interface HeapproofOptions extends BracketOptions {
  /** What is reported at the end of a run; `false` for nothing. */
  readonly report?: false | ReportOptions
  /** Heap snapshots; `true`: every test's whole body has one. */
  readonly snapshots?: boolean | SnapshotsOptions
}

/** What the test runner is given of them. */
export interface RunnerOptions extends Omit<HeapproofOptions, 'report'> {
  /** The configuration leaves it to us whether results say where tests stand. */
  readonly mayLocate?: boolean
}

/** Jest hands nothing of a configuration to a test runner but what it knows; and `globals`, whatever is in them. */
export const OPTIONS = '__heapproof__'

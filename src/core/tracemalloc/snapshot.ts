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

/** What a snapshot is made of. */
export interface SnapshotContent {
  readonly traces: readonly SnapshotTrace[]
  /** Seconds since the start of the recording or live view. */
  readonly time: number
  readonly sampling: AskedSampling
  readonly tracebackLimit: number
}

/**
 * Live bytes by trace at one time. A snapshot never changes, and needs nothing but itself: it stays as it is when the
 * program goes on, and after `stop()`.
 *
 * Live is what was not found dead: on the heap, what no garbage collection has freed yet.
 */
export class Snapshot {
  /** Every stack with live samples; the one with most bytes first. What heapproof itself holds is left out. */
  readonly traces: readonly SnapshotTrace[]
  /** Bytes of all traces. */
  readonly total: number
  /** Seconds since the start of the recording or live view. */
  readonly time: number
  /** What `start()` was asked for: an interval or a table. */
  readonly sampling: AskedSampling
  /** Frames kept of each stack, at most. */
  readonly tracebackLimit: number

  constructor({ traces, time, sampling, tracebackLimit }: SnapshotContent) {
    const sorted = [...traces].sort((a, b) => b.bytes - a.bytes || a.trace.index - b.trace.index)
    this.traces = Object.freeze(sorted.map((entry) => Object.freeze(entry)))
    this.total = sorted.reduce((sum, { bytes }) => sum + bytes, 0)
    this.time = time
    this.sampling = sampling
    this.tracebackLimit = tracebackLimit
    Object.freeze(this)
  }

  /** Mean bytes between samples; 0 with a table. */
  get samplingInterval(): number {
    return 'interval' in this.sampling ? this.sampling.interval : 0
  }
}

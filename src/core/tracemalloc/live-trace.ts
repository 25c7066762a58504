import type { Trace } from '../types.js'
import type { SnapshotTrace } from './content.js'
import { formatTraceSize } from './format-size.js'
import { Traceback } from './traceback.js'

/** A stack in a snapshot, and what of its allocations is live. */
export class LiveTrace implements SnapshotTrace {
  readonly trace: Trace
  readonly bytes: number
  readonly allocations: number
  readonly samples: number
  #traceback: Traceback | undefined

  /** Made by `Snapshot`. */
  constructor({ trace, bytes, allocations, samples }: SnapshotTrace) {
    this.trace = trace
    this.bytes = bytes
    this.allocations = allocations
    this.samples = samples
    Object.freeze(this)
  }

  /** The frames of the stack from the oldest to the newest. */
  get traceback(): Traceback {
    this.#traceback ??= Traceback.of(this.trace)
    return this.#traceback
  }

  /** `src/main.ts:4: 10 B` */
  toString(): string {
    return `${this.traceback}: ${formatTraceSize(this.bytes)}`
  }
}

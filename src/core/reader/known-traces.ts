import { isOwn } from '../reduce/places.js'
import type { Traces } from '../traces.js'
import { DOMAINS, type Trace } from '../types.js'

/**
 * The traces that a digest with a precision above 0 has left together, one of each domain: index -1 is those of the heap,
 * -2 of ArrayBuffers, -3 of native memory.
 */
export const OTHER_TRACES: readonly Trace[] = DOMAINS.map((domain, position) => {
  const frame = Object.freeze({ function: '(other)', file: '', line: 0, column: 0, approximate: false })
  return Object.freeze({ index: -1 - position, domain, frames: Object.freeze([frame]), truncated: false })
})

/** Traces that were asked for once: every snapshot has the same ones. */
export class KnownTraces {
  readonly #traces: Traces
  readonly #known: (Trace | undefined)[] = []
  /** 0 when not known, 1 for a user's, 2 for one of heapproof's own. */
  readonly #own: Uint8Array

  constructor(traces: Traces) {
    this.#traces = traces
    this.#own = new Uint8Array(traces.count + 1)
  }

  /** The same index gives the same object. */
  at(index: number): Trace {
    this.#known[index] ??= this.#traces.at(index)
    return this.#known[index]
  }

  /** Whether heapproof itself allocated. */
  isOwn(index: number): boolean {
    if (this.#own[index] === 0) this.#own[index] = isOwn(this.#traces.at(index)) ? 2 : 1
    return this.#own[index] === 2
  }
}

import { LARGEST } from './limits.js'

/** What of each trace is live, and which were live with more than heapprof's digest can add up. */
export class LiveBytes {
  readonly #bytes: Float64Array
  readonly #peaks = new Map<number, number>()

  constructor(traceCount: number) {
    this.#bytes = new Float64Array(traceCount + 1)
  }

  /** Bytes that came; fewer than 0 when they went. */
  add(trace: number, change: number): void {
    const live = (this.#bytes[trace] as number) + change
    this.#bytes[trace] = live
    if (live > LARGEST && live > (this.#peaks.get(trace) ?? 0)) this.#peaks.set(trace, live)
  }

  /** Greatest live bytes of the traces that ever had 2 GiB or more, by trace. */
  get beyond(): ReadonlyMap<number, number> {
    return this.#peaks
  }
}

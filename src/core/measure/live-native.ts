import type { Addon } from '../addon.js'
import { start } from '../session/start.js'
import { stop } from '../session/stop.js'

/**
 * Which native memory is live, exactly: a view in memory of every block that is taken from malloc, from `begin` to `end`.
 * Unlike the counters it knows how large a block was that is freed. Takes the place of a recording.
 */
export class LiveNative {
  readonly #native: Pick<Addon, 'tracedMemory'>
  readonly #totals = new Float64Array(2)

  constructor(native: Pick<Addon, 'tracedMemory'>) {
    this.#native = native
  }

  /** @throws HeapproofError `unsupported` where native memory cannot be followed, `already-profiling`. */
  begin(): void {
    start({ domains: ['native'], samplingInterval: 1, stackDepth: 1 })
  }

  /** Bytes of the blocks taken since `begin` that nobody has freed. */
  bytes(): number {
    this.#native.tracedMemory(this.#totals)
    return this.#totals[0] as number
  }

  end(): void {
    stop()
  }
}

import { type Sampling, scaleOf } from './sampling.js'

/** A power of two. Programs allocate few sizes, most of them small. */
const SLOTS = 4096

/** The scales of one rule, each computed once: an exponential for every event would take longer than reading it. */
export class Scales {
  readonly #sampling: Sampling
  readonly #sizes = new Float64Array(SLOTS).fill(-1)
  readonly #scales = new Float64Array(SLOTS)

  constructor(sampling: Sampling) {
    this.#sampling = sampling
  }

  /** `scaleOf(size, sampling)`. */
  of(size: number): number {
    // Most sizes are multiples of 8; those that are not come after them in the slots.
    const slot = ((size >>> 3) ^ (size << 9)) & (SLOTS - 1)
    if (this.#sizes[slot] === size) return this.#scales[slot] as number
    const scale = scaleOf(size, this.#sampling)
    this.#sizes[slot] = size
    this.#scales[slot] = scale
    return scale
  }
}

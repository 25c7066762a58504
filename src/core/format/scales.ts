import { type Sampling, scaleOf } from './sampling.js'

/** A power of two: all multiples of 8 up to 8 KiB. Programs allocate few sizes, most of them small. */
const SLOTS = 1024

/** The scales of one rule, each computed once: an exponential for every event would take longer than reading it. */
export class Scales {
  readonly #sampling: Sampling
  /** Empty until they are needed: opening a recording for its end needs none. */
  #sizes = new Float64Array(0)
  #scales = new Float64Array(0)

  constructor(sampling: Sampling) {
    this.#sampling = sampling
  }

  /** `scaleOf(size, sampling)`. */
  of(size: number): number {
    // Sizes that are no multiple of 8 are few; they go somewhere among the others.
    const slot = ((size >>> 3) ^ (size << 7)) & (SLOTS - 1)
    if (this.#sizes[slot] === size) return this.#scales[slot] as number
    if (this.#sizes.length === 0) {
      this.#sizes = new Float64Array(SLOTS).fill(-1)
      this.#scales = new Float64Array(SLOTS)
    }
    const scale = scaleOf(size, this.#sampling)
    this.#sizes[slot] = size
    this.#scales[slot] = scale
    return scale
  }
}

import { HeapproofError } from '../errors.js'
import { CERTAIN, LARGEST } from './limits.js'

/** A range of sizes: its exclusive upper bound, and the probability of 0 to CERTAIN that heapprof divides by. */
export type WrittenRange = readonly [bound: number, probability: number]

/** How the weights of samples are written, so that heapprof comes to the right bytes. */
export interface Weighting {
  /** For the table of the .hpm. */
  readonly ranges: readonly WrittenRange[]
  /** The size to write for a sample of `size` bytes that weighs `weight` bytes. May be more than LARGEST. */
  sizeOf(size: number, weight: number): number
  /** The bytes heapprof makes of a size that was written. */
  bytesOf(written: number): number
}

/**
 * Every size is the bytes that the sample stands for, to the next whole number. A sample weighs at least as much as the
 * sampling interval, so at an interval of 512 bytes half a byte is 0.1 %.
 */
export const WEIGHTED: Weighting = {
  ranges: [],
  sizeOf: (_size, weight) => Math.round(weight),
  bytesOf: (written) => written,
}

/**
 * Sizes from here on are always written as weights: heapprof's digest multiplies with an `int`, and what a table would
 * make of them may not fit.
 */
const WHOLE = 2 ** 30
/** Below, every size has a range of its own. */
const EXACT = 1024
/** Ranges to a factor of two: each is 0.54 % wide. */
const STEPS = 128

let made: readonly number[] | undefined

/** The bounds of all ranges there can be: 1, 2, 3, ... 1024, 1030, 1036, ... 2^30. */
function allBounds(): readonly number[] {
  if (made !== undefined) return made
  const bounds = Array.from({ length: EXACT }, (_, index) => index + 1)
  for (let step = 1; step <= STEPS * Math.log2(WHOLE / EXACT); step++) {
    bounds.push(Math.ceil(EXACT * 2 ** (step / STEPS)))
  }
  made = bounds
  return bounds
}

/** Position of the first bound that is greater than the size. */
function rangeOf(size: number, bounds: readonly number[]): number {
  if (size < EXACT) return Math.floor(size)
  let [low, high] = [0, bounds.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((bounds[middle] as number) > size) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Every size is that of the object, and a table of ranges says how many each stands for, as in a recording of heapprof.
 *
 * The table holds what the samples themselves add up to. With the samples i of a range, of y bytes and the weight w,
 *
 *    p = sum(y) / sum(w)     so that the samples of the range together come to sum(y) / p = sum(w)
 *
 * That is right for the sum of each range whatever the rules were that the samples were drawn by, and right for each
 * sample where all of a range have one size and one rule. Add all samples first, then ask.
 */
export class RangeTable implements Weighting {
  readonly #bounds = allBounds()
  readonly #sizes = new Float64Array(this.#bounds.length)
  readonly #weights = new Float64Array(this.#bounds.length)
  #made: { ranges: WrittenRange[]; scales: Float64Array } | undefined

  add(size: number, weight: number): void {
    if (weight >= WHOLE || size >= WHOLE) return
    const range = rangeOf(size, this.#bounds)
    this.#sizes[range] = (this.#sizes[range] as number) + size
    this.#weights[range] = (this.#weights[range] as number) + weight
  }

  get ranges(): readonly WrittenRange[] {
    return this.#table().ranges
  }

  sizeOf(size: number, weight: number): number {
    return weight >= WHOLE ? Math.round(weight) : size
  }

  bytesOf(written: number): number {
    return written >= WHOLE
      ? written
      : written * (this.#table().scales[rangeOf(written, this.#bounds)] as number)
  }

  #table(): { ranges: WrittenRange[]; scales: Float64Array } {
    if (this.#made !== undefined) return this.#made
    const ranges: WrittenRange[] = []
    const scales = new Float64Array(this.#bounds.length).fill(1)
    for (let range = 0; range < this.#bounds.length; range++) {
      const weight = this.#weights[range] as number
      if (weight === 0) continue
      const asked = Math.round(((this.#sizes[range] as number) / weight) * CERTAIN)
      const probability = Math.min(CERTAIN, Math.max(1, asked))
      scales[range] = CERTAIN / probability
      ranges.push([this.#bounds[range] as number, probability])
    }
    // Sizes above the last range are certain anyway.
    while (ranges.at(-1)?.[1] === CERTAIN) ranges.pop()
    this.#made = { ranges, scales }
    return this.#made
  }
}

/** A sample of 4 TiB is not of this world; two thousand events for one are enough. */
const HEAVIEST = 2 ** 42

/**
 * The sizes of the events that a size of 2 GiB or more is written as: as few as can hold it, of 1 to 2 GiB each.
 * Throws HeapproofError `too-large` above 4 TiB.
 */
export function piecesOf(size: number): number[] {
  if (size > HEAVIEST) {
    const what = `a sample that stands for ${size} bytes, expected ${HEAVIEST} at most`
    throw new HeapproofError('too-large', `heapprof's files cannot hold ${what}`)
  }
  const count = Math.ceil(size / LARGEST)
  const least = Math.floor(size / count)
  const larger = size - least * count
  return Array.from({ length: count }, (_, index) => (index < larger ? least + 1 : least))
}

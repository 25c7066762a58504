import { EVENT } from '../format/cursor.js'
import type { Reader } from '../reader.js'
import type { SnapshotTrace } from '../tracemalloc/content.js'

/**
 * What the samples of one trace, or of some, add up to.
 *
 * Three samples at an interval of 512 bytes, of 16, 512 and 8192 bytes, weigh 520, 810 and 8192.001 bytes:
 * 9522 bytes in all. How far off may that be? 8192 bytes were sure to be seen, so they add no doubt. The 16 bytes
 * were seen with a probability of 3 %, so the 520 bytes could as well be 0 or 1040.
 *
 * The model: each object i of y bytes is taken with probability p, independently of the others, and weighs w = y / p
 * (Horvitz and Thompson's estimator of a sum). It adds y^2 (1 - p) / p to the variance of the sum. Only taken objects
 * are known, so each of those stands for 1 / p of its like: it adds y^2 (1 - p) / p^2 = w^2 (1 - p), which on average
 * is the variance over all objects. With the scale k = 1 / p this is (y k)^2 (1 - 1 / k). The relative standard error
 * is the square root of the variance, divided by the sum: here sqrt(520^2 0.97 + 810^2 0.37) / 9522 = 7 %.
 */
export class TraceSum {
  readonly trace: number
  bytes = 0
  freed = 0
  allocations = 0
  samples = 0
  frees = 0
  variance = 0

  constructor(trace: number) {
    this.trace = trace
  }

  /** As the addon has summed them up, from `at` in what `recordedSums` gives. */
  static ofRecorded(numbers: Float64Array, at: number): TraceSum {
    const number = (field: number) => numbers[at + field] as number
    const sum = new TraceSum(number(0))
    sum.bytes = number(1)
    sum.freed = number(2)
    sum.allocations = number(3)
    sum.samples = number(4)
    sum.frees = number(5)
    sum.variance = number(6)
    return sum
  }

  /**
   * The live samples of a trace, of which only the sums are known. The variance is what it would be if all were of one
   * size, with w = bytes / samples and p = samples / allocations: exact for the many traces that allocate one size.
   */
  static ofLive({ trace, bytes, allocations, samples }: SnapshotTrace): TraceSum {
    const sum = new TraceSum(trace.index)
    sum.bytes = bytes
    sum.allocations = allocations
    sum.samples = samples
    sum.variance = samples > 0 ? (bytes * bytes * Math.max(0, 1 - samples / allocations)) / samples : 0
    return sum
  }

  alloc(size: number, scale: number): void {
    const weight = size * scale
    this.bytes += weight
    this.allocations += scale
    this.samples++
    this.variance += weight * weight * (1 - 1 / scale)
  }

  free(size: number, scale: number): void {
    this.freed += size * scale
    this.frees++
  }

  /** Multiplies the estimates, not the numbers of samples; the relative error stays. */
  scale(factor: number): void {
    this.bytes *= factor
    this.freed *= factor
    this.allocations *= factor
    this.variance *= factor * factor
  }

  merge(other: TraceSum): void {
    this.bytes += other.bytes
    this.freed += other.freed
    this.allocations += other.allocations
    this.samples += other.samples
    this.frees += other.frees
    this.variance += other.variance
  }

  /** Sums of fractions in different order differ in their last digits: no sample left must mean no byte left. */
  get live(): number {
    return this.frees >= this.samples ? 0 : Math.max(0, this.bytes - this.freed)
  }

  get error(): number {
    return this.bytes > 0 ? Math.sqrt(this.variance) / this.bytes : 0
  }
}

/** What each trace with samples allocated, in the order of their indexes. */
export function sumTraces(reader: Pick<Reader, 'traceCount' | 'cursor'>): TraceSum[] {
  const sums: (TraceSum | undefined)[] = new Array(reader.traceCount + 1)
  const cursor = reader.cursor()
  while (cursor.next()) {
    if (cursor.kind > EVENT.free) continue
    let sum = sums[cursor.trace]
    if (sum === undefined) {
      sum = new TraceSum(cursor.trace)
      sums[cursor.trace] = sum
    }
    if (cursor.kind === EVENT.alloc) sum.alloc(cursor.size, cursor.scale)
    else sum.free(cursor.size, cursor.scale)
  }
  return sums.filter((sum): sum is TraceSum => sum !== undefined && sum.samples > 0)
}

import { formatSigned, formatTraceSize } from './format-size.js'
import type { Traceback } from './traceback.js'

/** What a statistic says. */
interface StatisticNumbers {
  readonly traceback: Traceback
  readonly size: number
  readonly count: number
  readonly samples: number
  readonly error: number
}

/** What stacks with something in common have live. Sizes and counts are estimates from the samples. */
export class Statistic {
  /** What they have in common: a stack, or one frame. */
  readonly traceback: Traceback
  /** Bytes, with a fraction: each sample counts for the bytes it stands for. */
  readonly size: number
  /** Number of allocations, with a fraction as well. */
  readonly count: number
  /** Number of samples that `size` and `count` rest on. */
  readonly samples: number
  /** Relative standard error of `size`: 0.02 means give or take 2 %. */
  readonly error: number

  constructor({ traceback, size, count, samples, error }: StatisticNumbers) {
    this.traceback = traceback
    this.size = size
    this.count = count
    this.samples = samples
    this.error = error
    Object.freeze(this)
  }

  /** `src/main.ts:4: size=30 B, count=3, average=10 B` */
  toString(): string {
    const { traceback, size, count } = this
    return `${traceback}: size=${formatTraceSize(size)}, count=${Math.round(count)}${average(size, count)}`
  }
}

/**
 * The same, and the difference to an older snapshot. There is no error of the differences: samples that are in both
 * snapshots add nothing to it, and a snapshot does not say which these are.
 */
export class StatisticDiff {
  readonly traceback: Traceback
  /** Bytes in the newer snapshot; 0 when nothing of it is left there. */
  readonly size: number
  /** Bytes it has more than in the older one. */
  readonly sizeDiff: number
  /** Number of allocations in the newer snapshot. */
  readonly count: number
  /** Number of allocations it has more than in the older one. */
  readonly countDiff: number
  /** Number of samples that `size` and `count` rest on. */
  readonly samples: number
  /** Number of samples it has more than in the older one. */
  readonly samplesDiff: number
  /** Relative standard error of `size`. */
  readonly error: number

  /** Of the two, one may be missing. */
  constructor(now: Statistic | undefined, before: Statistic | undefined) {
    const { size = 0, count = 0, samples = 0, error = 0 } = now ?? {}
    this.traceback = (now ?? (before as Statistic)).traceback
    this.size = size
    this.sizeDiff = size - (before?.size ?? 0)
    this.count = count
    this.countDiff = count - (before?.count ?? 0)
    this.samples = samples
    this.samplesDiff = samples - (before?.samples ?? 0)
    this.error = error
    Object.freeze(this)
  }

  /** `src/main.ts:4: size=30 B (+20 B), count=3 (+2), average=10 B` */
  toString(): string {
    const { traceback, size, sizeDiff, count, countDiff } = this
    const sizes = `size=${formatTraceSize(size)} (${formatTraceSize(sizeDiff, true)})`
    const counts = `count=${Math.round(count)} (${formatSigned(countDiff)})`
    return `${traceback}: ${sizes}, ${counts}${average(size, count)}`
  }
}

function average(size: number, count: number): string {
  return count === 0 ? '' : `, average=${formatTraceSize(size / count)}`
}

/** The greatest first: by size, then by count; of equals the one whose traceback comes last. */
export function bySize(left: Statistic, right: Statistic): number {
  return right.size - left.size || right.count - left.count || right.traceback.compare(left.traceback)
}

/** The greatest change first, up or down; then by size, change of the count, and count. */
export function byChange(left: StatisticDiff, right: StatisticDiff): number {
  return (
    Math.abs(right.sizeDiff) - Math.abs(left.sizeDiff) ||
    right.size - left.size ||
    Math.abs(right.countDiff) - Math.abs(left.countDiff) ||
    right.count - left.count ||
    right.traceback.compare(left.traceback)
  )
}

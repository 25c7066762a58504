import { correction } from '../reduce/calibrate.js'
import type { SizeClass } from './size-classes.js'

/** What the samples of the heap say, in the measure of its exact counter. */
export interface Calibrated {
  readonly classes: readonly SizeClass[]
  /** About how many objects were drawn. */
  readonly samples: number
  /** Relative standard error of the bytes before they were scaled. */
  readonly error: number
  /** Whether they were scaled. */
  readonly scaled: boolean
}

/**
 * Scales the estimates of the heap so that together they come to the exact number of bytes: a ratio estimator, for the
 * reasons that `reduce/calibrate.ts` has. The addon has weighted each sample by 1 / p already, so the number of samples
 * of a class is about count * p at its mean size, and each of them adds w^2 (1 - p) to the variance, with
 * w = bytes / samples. A million objects of 100 bytes at an interval of 512: p = 0.177, 177,000 samples, 0.22 %.
 *
 * Where every object is drawn there is no error to take out, and the counter would only bring in its own: a mark-compact
 * among the allocations moves it by some hundred kilobytes, which made 100,000 objects of 48 bytes 95,000 to 104,000.
 */
export function calibrateHeap(classes: readonly SizeClass[], interval: number, exact: number): Calibrated {
  let [samples, bytes, variance] = [0, 0, 0]
  for (const { count, bytes: own } of classes) {
    const p = chanceAt(own / count, interval)
    const drawn = count * p
    samples += drawn
    bytes += own
    variance += (own * own * (1 - p)) / drawn
  }
  const error = bytes > 0 ? Math.sqrt(variance) / bytes : 0
  const factor = error > 0 ? correction(samples, bytes, exact) : undefined
  return {
    classes: factor === undefined ? classes : classes.map(times(factor)),
    samples: Math.round(samples),
    error,
    scaled: factor !== undefined,
  }
}

/** The probability that an object of this size is drawn. */
export function chanceAt(size: number, interval: number): number {
  return interval > 1 && size > 0 ? -Math.expm1(-size / interval) : 1
}

function times(factor: number) {
  return ({ exponent, count, bytes }: SizeClass): SizeClass => ({
    exponent,
    count: count * factor,
    bytes: bytes * factor,
  })
}

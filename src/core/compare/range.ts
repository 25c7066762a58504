import type { TestLimit, TestRecord } from '../bracket/record.js'
import type { Measurement } from './run.js'

/** A quantity of a test. */
export type Quantity = TestLimit['kind']

export const QUANTITIES: readonly Quantity[] = ['allocated', 'retained', 'peak', 'native']

/** What is known of one quantity of a test in one run. */
export interface Range {
  /** The least that was measured, in bytes. */
  readonly measured: number
  /** Another run of the same code would have measured something from `low` to `high`. */
  readonly low: number
  readonly high: number
}

/**
 * What two runs of the same code differ by, though each byte is counted.
 *
 * Of `allocated`: a body runs once, and what it allocates depends on which of V8's compilers had made its code by then.
 * Three numbers: a loop over points with an `add` method read 1.68, 2.33 and 3.21 MB in three runs. Of 120 tests in 9 runs
 * of Vitest and 112 in 8 of Jest, on a loaded machine, the same test read more by a tenth in one pair of runs of 20 to 30,
 * and by half in one of 200. What was measured is therefore taken to be up to 1.6 times off in either direction. With n
 * repetitions it lies from the least to the greatest of them, and 1.6^(1/n) beyond.
 *
 * What that gives: of 1,000 pairs of tests with the same code, drawn from those runs, none is said to have grown by 10 % or
 * more when each side ran once, twice or four times, and one in 25,000 when each ran three times.
 *
 * Without the optimising compilers the same 112 tests differed by 12 % and 20 kB at most, mostly by nothing: 5 % and 16 KiB
 * to each side.
 */
const COMPILERS = 1.6
const SETTLED = 1.05
const FIXED = 16 * 1024
/** Of what is live V8 keeps up to so much for itself: see `bracket/attempt.ts`. */
const KEPT_BY_V8 = 64 * 1024

/**
 * The range of a quantity over all measurements of a test that say something: exact ones, else approximate ones. Undefined
 * when nobody measured it.
 */
export function rangeOf(quantity: Quantity, measurements: readonly Measurement[]): Range | undefined {
  const known = measurements.filter(({ record }) => record !== undefined && usable(quantity, record))
  if (known.length === 0) return undefined
  const exact = known.filter(({ record }) => record?.certainty === 'exact')
  const used = exact.length > 0 ? exact : known
  const bounds = used.map(({ record }) => boundsOf(quantity, record as TestRecord))
  const reproducible = used.every((measurement) => measurement.reproducible)
  const factor = quantity === 'allocated' && !reproducible ? COMPILERS ** (1 / used.length) : SETTLED
  const fixed = quantity === 'retained' || quantity === 'peak' ? KEPT_BY_V8 : FIXED
  return {
    measured: Math.min(...used.map(({ record }) => record?.[quantity] as number)),
    low: Math.max(0, Math.min(...bounds.map(([low]) => low)) / factor - fixed),
    high: Math.max(...bounds.map(([, high]) => high)) * factor + fixed,
  }
}

function usable(quantity: Quantity, record: TestRecord): boolean {
  return record.certainty !== 'unknown' && record[quantity] !== undefined
}

/** The doubt that `ranges` has of an exact `allocated` is about compilers: the margins above are for that. */
function boundsOf(quantity: Quantity, record: TestRecord): readonly [number, number] {
  const measured = record[quantity] as number
  if (quantity === 'allocated' && record.certainty === 'exact') return [measured, measured]
  return record.ranges?.[quantity] ?? [measured, measured]
}

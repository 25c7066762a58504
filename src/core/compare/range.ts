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
 * A body runs once, and what it allocates depends on which of V8's compilers had made its code by then. Three numbers: a
 * loop over points with an `add` method read 2.83, 4.57 and 5.37 MB in three runs. What was measured is therefore taken to
 * be up to 1.6 times off in either direction. With n repetitions it lies from the least to the greatest of them, and
 * 1.6^(1/√n) beyond: 1.39 at two, 1.31 at three, 1.26 at four.
 *
 * That gives, of 10,000 pairs of tests with the same code, drawn from nine recorded runs of 120 tests in Vitest and Jest on
 * a loaded machine, at most one that is said to have grown by 10 % or more; the test in `false-alarms.test.ts` draws them.
 *
 * Without the optimising compilers the same tests differed by a quarter at most, mostly by nothing: 1.1.
 */
const COMPILERS = 1.6
const SETTLED = 1.1
/** Bytes besides, of any quantity: see `TIERS` and `OF_V8` in `bracket/attempt.ts`. */
const FIXED = 64 * 1024

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
  const settled = quantity !== 'allocated' || used.every(({ record }) => record?.settled === true)
  const factor = (settled ? SETTLED : COMPILERS) ** (1 / Math.sqrt(used.length))
  return {
    measured: Math.min(...used.map(({ record }) => record?.[quantity] as number)),
    low: Math.max(0, Math.min(...bounds.map(([low]) => low)) / factor - FIXED),
    high: Math.max(...bounds.map(([, high]) => high)) * factor + FIXED,
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

import type { Pair } from './pair.js'
import { QUANTITIES, type Quantity, type Range, rangeOf } from './range.js'
import type { Measurement, RunTest } from './run.js'

/** What became of one quantity of a test. */
export interface Change {
  readonly quantity: Quantity
  /** Bytes, the least that was measured. */
  readonly base: number
  readonly head: number
  /**
   * What is certain of the change, as a part of `base`: 0.1 is 10 % more, at least; -0.1 is 10 % less, at least; 0 when both
   * could have measured the same.
   */
  readonly atLeast: number
}

/** Compares two ranges: what the change is at least, wherever in them the truth lies. */
export function atLeast(base: Range, head: Range): number {
  if (head.low > base.high) return head.low / base.high - 1
  if (base.low > head.high) return head.high / base.low - 1
  return 0
}

/**
 * What became of the quantities that both runs know. A string instead says why nothing of the test can be compared: a clause.
 */
export function changesOf({ base, head }: Pair): Change[] | string {
  const refusal = incomparable(base, 'before') || incomparable(head, 'now')
  if (refusal !== '') return refusal
  return QUANTITIES.flatMap((quantity) => {
    const before = rangeOf(quantity, base.measurements)
    const now = rangeOf(quantity, head.measurements)
    if (before === undefined || now === undefined) return []
    return [{ quantity, base: before.measured, head: now.measured, atLeast: atLeast(before, now) }]
  })
}

/**
 * A test that failed may have ended early, and then has allocated less than it would; one that failed by a limit ran to its
 * end.
 */
function incomparable({ measurements, test }: RunTest, when: 'before' | 'now'): string {
  if (measurements.every(({ record }) => record === undefined)) {
    return `${when} nothing was measured${test.missing === '' ? '' : `: ${test.missing}`}`
  }
  const unknown = measurements.every(({ record }) => record === undefined || record.certainty === 'unknown')
  const reason = measurements.at(-1)?.record?.reason
  if (unknown) return `${when} it could not be measured${reason ? `: ${reason}` : ''}`
  return measurements.some(failedEarly) ? `it failed ${when === 'now' ? 'now' : 'before'}` : ''
}

function failedEarly({ state, record }: Measurement): boolean {
  return state === 'failed' && record?.limits.some(({ verdict }) => verdict === 'exceeded') !== true
}

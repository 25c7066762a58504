import type { Limit, LimitKind } from './limits.js'
import type { TestLimit } from './record.js'

/**
 * What is known of one quantity of a test. The true figure lies from `low` to `high`; both are the measured one when it is
 * exact, and nothing is known when `measured` is undefined.
 */
export interface Finding {
  readonly measured: number | undefined
  readonly low: number
  readonly high: number
  /** Why it is not exact: a clause, or empty. */
  readonly reason: string
}

/** Findings by what they are about; what nobody asked for is not there. */
export type Findings = ReadonlyMap<LimitKind, Finding>

/** A finding without doubt. */
export function exactly(measured: number): Finding {
  return { measured, low: measured, high: measured, reason: '' }
}

/** A finding that may be off by `error` bytes. */
export function about(measured: number, error: number, reason: string): Finding {
  return { measured, low: Math.max(0, measured - error), high: measured + error, reason }
}

/** A finding that says nothing, and why. */
export function unknown(reason: string): Finding {
  return { measured: undefined, low: 0, high: Number.POSITIVE_INFINITY, reason }
}

/** A limit, what was found, and the verdict. */
export interface Judged {
  readonly limit: Limit
  readonly finding: Finding
  readonly verdict: TestLimit['verdict']
  /**
   * Whether the test fails. A limit that nothing is known about fails the test that asked for it, since nothing would be
   * worse than a limit that silently does not hold; one that comes from the options is only noted, because a whole suite
   * has it. Where the limit lies within the error of what was measured the test passes: it is not proven that it is over.
   */
  readonly fails: boolean
}

/** Judges a quantity by its limit: more than the limit is too much. */
export function judge(limit: Limit, finding: Finding): Judged {
  const { bytes } = limit.size
  if (finding.measured === undefined) return { limit, finding, verdict: 'cannot-tell', fails: limit.own }
  if (finding.low > bytes) return { limit, finding, verdict: 'exceeded', fails: true }
  return { limit, finding, verdict: finding.high <= bytes ? 'kept' : 'cannot-tell', fails: false }
}

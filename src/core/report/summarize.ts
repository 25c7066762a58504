import type { TestRecord } from '../bracket/record.js'
import { type NotedLimit, notedLimits } from './limits.js'
import { type SuiteLine, sumLines } from './lines.js'
import type { ReportedTest } from './outcome.js'

/** A test with a record. */
export interface MeasuredTest extends ReportedTest {
  readonly record: TestRecord
}

/** What there is to say about a run. Everything is sorted, the heaviest first. */
export interface SuiteSummary {
  /** Number of tests that have a record. Without any, there is nothing to say. */
  readonly records: number
  /** Tests with a number that means something: all but those that ran beside others. By what they allocated. */
  readonly measured: readonly MeasuredTest[]
  /** Bytes that the measured tests allocated together. */
  readonly allocated: number
  /** Number of measured tests whose count was disturbed. */
  readonly approximate: number
  /** Measured tests of which it is known that they retained something, by that. */
  readonly retainers: readonly MeasuredTest[]
  readonly lines: readonly SuiteLine[]
  readonly limits: readonly NotedLimit[]
  /** Tests that ran and were not measured, by reason (a clause), the most frequent first. */
  readonly unmeasured: readonly { readonly reason: string; readonly tests: number }[]
  /** Tests whose profile was kept, failed ones first, then by what they allocated. */
  readonly profiled: readonly MeasuredTest[]
}

/**
 * Sums up a run. A limit counts as near from `near` (0 to 1) of it on. Takes time and memory in proportion to the number of
 * tests and of their sites.
 */
export function summarize(tests: readonly ReportedTest[], near = 0.9): SuiteSummary {
  const withRecord = tests.filter(
    (test): test is MeasuredTest => test.record !== undefined && test.state !== 'skipped',
  )
  const measured = withRecord
    .filter(({ record }) => record.certainty !== 'unknown')
    .sort((a, b) => b.record.allocated - a.record.allocated)
  const retained = ({ record }: MeasuredTest) => record.retained ?? 0
  return Object.freeze({
    records: withRecord.length,
    measured,
    allocated: measured.reduce((sum, { record }) => sum + record.allocated, 0),
    approximate: measured.filter(({ record }) => record.certainty === 'approximate').length,
    retainers: measured.filter((test) => retained(test) > 0).sort((a, b) => retained(b) - retained(a)),
    // Tests that ran at the same time have each other's samples: their lines would count twice.
    lines: sumLines(measured),
    limits: notedLimits(withRecord, near),
    unmeasured: countReasons(tests),
    profiled: withRecord
      .filter(({ record }) => record.profile !== undefined)
      .sort((a, b) => failed(b) - failed(a) || b.record.allocated - a.record.allocated),
  })
}

function failed({ state }: ReportedTest): number {
  return state === 'failed' ? 1 : 0
}

function countReasons(tests: readonly ReportedTest[]): SuiteSummary['unmeasured'] {
  const counts = new Map<string, number>()
  for (const { state, record, missing } of tests) {
    if (state === 'skipped' || (record !== undefined && record.certainty !== 'unknown')) continue
    const reason = record === undefined ? missing : record.reason || 'the reason is not known'
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts].map(([reason, tests]) => ({ reason, tests })).sort((a, b) => b.tests - a.tests)
}

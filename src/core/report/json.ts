import type { TestRecord } from '../bracket/record.js'
import type { RunEnvironment } from './environment.js'
import type { SuiteLine } from './lines.js'
import type { ReportedTest } from './outcome.js'
import type { SuiteSummary } from './summarize.js'

/** The report as JSON, version 1. What is undefined is left out. docs/report.md describes it. */
export interface JsonReport {
  readonly format: 'heapproof-report'
  readonly version: 1
  /** When it was written, ISO 8601. */
  readonly created: string
  /** Undefined when the runner did not say where it ran. */
  readonly environment?: RunEnvironment | undefined
  readonly allocated: number
  readonly tests: readonly JsonTest[]
  readonly lines: readonly SuiteLine[]
}

export interface JsonTest {
  readonly project?: string | undefined
  readonly file: string
  readonly name: string
  readonly line?: number | undefined
  readonly column?: number | undefined
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly record: TestRecord | null
}

/** All tests, in the order in which they were given, and all lines. */
export function jsonReport(
  tests: readonly ReportedTest[],
  summary: SuiteSummary,
  created: Date,
  environment?: RunEnvironment,
): string {
  const report: JsonReport = {
    format: 'heapproof-report',
    version: 1,
    created: created.toISOString(),
    environment,
    allocated: summary.allocated,
    tests: tests.map(({ project, file, name, line, column, state, record = null }) => {
      return { project: project || undefined, file, name, line, column, state, record }
    }),
    lines: summary.lines,
  }
  return `${JSON.stringify(report, undefined, 1)}\n`
}

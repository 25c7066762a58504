import type { TestRecord } from '../bracket/record.js'

/** What a runner knows of a test when the run is over. */
export interface TestOutcome {
  /** Path of the test's file: absolute, or relative to `root`. */
  readonly file: string
  /** Full name, suites included, as the runner writes it. */
  readonly name: string
  /** Where the test is declared, from 1, when the runner knows. */
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** Name of the project, when a run has several. */
  readonly project?: string | undefined
  readonly state: 'passed' | 'failed' | 'skipped'
  /** Absolute path that paths in the record are relative to, when it is not the root of the report. */
  readonly root?: string | undefined
  /** What came back from where the test ran: a `TestRecord` when all went well. */
  readonly record: unknown
}

/** A test as it is reported. Paths are relative to the root of the report where they lie inside it. */
export interface ReportedTest {
  readonly file: string
  readonly name: string
  readonly line: number | undefined
  readonly column: number | undefined
  readonly project: string
  readonly state: 'passed' | 'failed' | 'skipped'
  /** Undefined when there is none, or none that this version can read. */
  readonly record: TestRecord | undefined
  /** Why there is no record, a clause; empty when there is one. */
  readonly missing: string
}

import type { TestRecord } from '../bracket/record.js'
import { comparableAs } from '../report/environment.js'
import type { ReportedTest } from '../report/outcome.js'
import { findReports } from './find-reports.js'
import { type RunReport, readReport } from './read-report.js'

/** A test of a run, and what was measured of it: once, or once in each repetition of the run. */
export interface RunTest {
  /** The same for the same test of another run: project, file, name, and which one of that name it is. */
  readonly key: string
  /** Where it ran, as far as numbers depend on it. */
  readonly environment: string
  /** As the last report has it. */
  readonly test: ReportedTest
  readonly measurements: readonly Measurement[]
}

/** One measurement of a test. */
export interface Measurement {
  readonly state: ReportedTest['state']
  readonly record: TestRecord | undefined
}

/** A run: of one process, of several shards, or repeated. */
export interface Run {
  /** The path it was read from. */
  readonly path: string
  readonly reports: readonly RunReport[]
  /** By environment and key. Skipped tests are left out. */
  readonly tests: ReadonlyMap<string, RunTest>
}

/**
 * Reads all reports below a directory as one run. Tests that several of them have are repetitions. A copy of a report
 * counts once. Takes memory in proportion to all tests.
 *
 * @throws HeapproofError `report-not-found`, `cannot-read`, `bad-report`.
 */
export function readRun(path: string): Run {
  const reports = withoutCopies(findReports(path).map(readReport))
  const tests = new Map<string, RunTest & { readonly measurements: Measurement[] }>()
  for (const report of reports) {
    const settled = report.tests.some(({ record }) => record?.settled === true)
    const environment = comparableAs(report.environment) + (settled ? ', without optimising compilers' : '')
    for (const { key, test } of keyed(report.tests)) {
      if (test.state === 'skipped') continue
      const { state, record } = test
      const id = JSON.stringify([environment, key])
      const before = tests.get(id)?.measurements ?? []
      tests.set(id, { key, environment, test, measurements: [...before, { state, record }] })
    }
  }
  return { path, reports, tests }
}

/** The tests of one report with their keys: runners allow several of one name in a file. */
export function* keyed(tests: readonly ReportedTest[]): Generator<{ key: string; test: ReportedTest }> {
  const seen = new Map<string, number>()
  for (const test of tests) {
    const name = JSON.stringify([test.project, test.file, test.name])
    const ordinal = seen.get(name) ?? 0
    seen.set(name, ordinal + 1)
    yield { key: JSON.stringify([test.project, test.file, test.name, ordinal]), test }
  }
}

function withoutCopies(reports: readonly RunReport[]): RunReport[] {
  const seen = new Set<string>()
  return reports.filter(({ created, tests }) => {
    const identity = `${created.getTime()} ${tests.length} ${tests[0]?.file} ${tests[0]?.name}`
    if (!Number.isNaN(created.getTime()) && seen.has(identity)) return false
    seen.add(identity)
    return true
  })
}

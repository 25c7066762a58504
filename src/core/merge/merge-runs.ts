import { dirname, join, resolve } from 'node:path'
import { findReports } from '../compare/find-reports.js'
import { type RunReport, readReport } from '../compare/read-report.js'
import { keyed } from '../compare/run.js'
import { HeapproofError } from '../errors.js'
import { makeHome } from '../expect/profiles.js'
import { comparableAs } from '../report/environment.js'
import { writePage } from '../report/html/write-page.js'
import { isInside } from '../report/inside.js'
import { jsonReport } from '../report/json.js'
import type { ReportedTest } from '../report/outcome.js'
import { replaceFile } from '../report/replace-file.js'
import { REPORT_FILE } from '../report/report-run.js'
import { type SuiteSummary, summarize } from '../report/summarize.js'
import { moveProfile } from './move-profile.js'
import { joinSnapshotLogs } from './snapshot-logs.js'

/** What became of runs that were merged. */
export interface MergedRun {
  /** Reports that were read. */
  readonly reports: number
  /** All tests, each once. */
  readonly tests: readonly ReportedTest[]
  readonly summary: SuiteSummary
  /** Tests that several reports had, of which the latest was taken. */
  readonly doubled: number
  /** Profiles that were copied. */
  readonly profiles: number
}

/** A test and where it comes from. */
interface Found {
  readonly test: ReportedTest
  readonly report: RunReport
  /** The directory that was named, in which the report was found. */
  readonly source: string
}

/**
 * Joins what the shards of a run have left, each in a directory of its own, into one `.heapproof` folder: report, page,
 * profiles of failing tests, what was measured for snapshots. Every test is there once; of one that several shards ran, as
 * when a job was repeated, the latest counts. The report is written last.
 *
 * Takes memory in proportion to all tests.
 *
 * @throws HeapproofError `invalid-argument` when directories lie in each other; `different-environments`;
 *   `report-not-found`, `cannot-read`, `bad-report`; `cannot-write`.
 */
export function mergeRuns(directories: readonly string[], out: string): MergedRun {
  checkPlaces(directories, out)
  const found = directories.flatMap((source) =>
    findReports(source).map((path) => ({ source, report: readReport(path) })),
  )
  checkEnvironments(found.map(({ report }) => report))
  found.sort((a, b) => time(a.report) - time(b.report))
  const { kept, doubled } = latest(found)
  try {
    makeHome(out)
    joinSnapshotLogs(found, out)
    const tests = kept.map((each) => moveProfile(each.test, each, out))
    const summary = summarize(tests)
    const newest = found.at(-1)?.report
    writePage(out, summary, { root: dirname(resolve(out)), now: new Date() })
    const text = jsonReport(tests, summary, newest?.created ?? new Date(), newest?.environment)
    replaceFile(join(out, REPORT_FILE), text)
    const profiles = tests.filter(({ record }) => record?.profile !== undefined).length
    return { reports: found.length, tests, summary, doubled, profiles }
  } catch (error) {
    if (error instanceof HeapproofError) throw error
    throw new HeapproofError('cannot-write', `${out}: cannot be written: ${(error as Error).message}`)
  }
}

/** A result among its own sources would be a source of the next merge. */
function checkPlaces(directories: readonly string[], out: string): void {
  const refuse = (sentence: string): never => {
    throw new HeapproofError('invalid-argument', sentence)
  }
  const seen = new Set<string>()
  for (const directory of directories) {
    const path = resolve(directory)
    if (seen.has(path)) refuse(`${directory} is named twice`)
    seen.add(path)
    if (path === resolve(out)) refuse(`${out}: is one of the directories that are to be merged`)
    if (isInside(path, resolve(out))) refuse(`${out}: lies in ${directory}, which is to be merged`)
    if (isInside(resolve(out), path)) refuse(`${out}: has ${directory} in it, which is to be merged`)
  }
}

function checkEnvironments(reports: readonly RunReport[]): void {
  const [first, ...others] = reports
  const other = others.find(
    ({ environment }) => comparableAs(environment) !== comparableAs(first?.environment),
  )
  if (first === undefined || other === undefined) return
  throw new HeapproofError(
    'different-environments',
    `${other.path}: expected a run in ${comparableAs(first.environment)}, as ${first.path} is, received one in ` +
      `${comparableAs(other.environment)}; merge the runs of each environment apart`,
  )
}

/** Each test once: what ran rather than what was skipped, and what ran last. In the order of the first appearance. */
function latest(found: readonly Omit<Found, 'test'>[]): { kept: Found[]; doubled: number } {
  const kept = new Map<string, Found>()
  let doubled = 0
  for (const { report, source } of found) {
    for (const { key, test } of keyed(report.tests)) {
      const before = kept.get(key)
      if (before !== undefined && before.test.state !== 'skipped') {
        if (test.state === 'skipped') continue
        doubled++
      }
      kept.set(key, { test, report, source })
    }
  }
  return { kept: [...kept.values()], doubled }
}

/** Reports without a time come first. */
function time({ created }: RunReport): number {
  const at = created.getTime()
  return Number.isNaN(at) ? 0 : at
}

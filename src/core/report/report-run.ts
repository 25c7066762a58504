import { join, resolve } from 'node:path'
import { makeHome } from '../expect/profiles.js'
import { snapshotNotes } from '../snapshot/notes.js'
import { environmentOf, type RunnerFacts } from './environment.js'
import { annotations } from './github/annotations.js'
import { appendStepSummary } from './github/step-summary.js'
import { writeTestPages } from './html/test-pages.js'
import { writePage } from './html/write-page.js'
import { jsonReport } from './json.js'
import type { ReportOptions } from './options.js'
import type { TestOutcome } from './outcome.js'
import { reported } from './rebase.js'
import { replaceFile } from './replace-file.js'
import { summarize } from './summarize.js'
import { textBlock } from './text-block.js'

/** Where a run took place. */
export interface RunSurroundings {
  /** Absolute path of the project. */
  readonly root: string
  /** Directory of the user's shell. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Columns of the terminal that the text is for, when it is for one. */
  readonly columns?: number | undefined
  readonly now?: Date
  /** What ran the tests. */
  readonly runner?: RunnerFacts | undefined
}

/** What a runner prints. */
export interface RunReport {
  /** Lines; none when there is nothing to say. */
  readonly text: readonly string[]
  /** Sentences on what went wrong with the report itself. */
  readonly warnings: readonly string[]
}

/** Where `heapproof compare` and `heapproof merge` look for it. */
export const REPORT_FILE = 'report.json'

/** Logs of builds are read in a browser. */
const LOG_COLUMNS = 160

/**
 * Reports a run that is over: writes the files that `options` ask for, and returns what is to be printed. Never throws: a
 * report that cannot be written makes no run fail.
 */
export function reportRun(
  outcomes: readonly TestOutcome[],
  { top = 5, json, html = true, github = true }: ReportOptions,
  { root, cwd, env, columns = LOG_COLUMNS, now = new Date(), runner }: RunSurroundings,
): RunReport {
  const warnings: string[] = []
  const tests = outcomes.map((outcome) => reported(outcome, root))
  const summary = summarize(tests)
  const attempt = (what: string, path: string, write: () => void) => {
    try {
      write()
      return path
    } catch (error) {
      warnings.push(`heapproof: cannot write ${what} ${path}: ${(error as Error).message}`)
      return undefined
    }
  }

  const home = join(root, '.heapproof')
  if (json !== false && (json !== undefined || summary.records > 0)) {
    const path = json === undefined ? join(home, REPORT_FILE) : resolve(root, json)
    attempt('the report', path, () => {
      if (json === undefined) makeHome(home)
      const environment = runner === undefined ? undefined : environmentOf(runner)
      replaceFile(path, jsonReport(tests, summary, now, environment))
    })
  }
  if (summary.records === 0) return { text: [], warnings }

  if (html) warnings.push(...writeTestPages(summary, root))
  const page = html
    ? attempt('the page', join(home, 'index.html'), () => writePage(home, summary, { root, now }))
    : undefined
  const text = textBlock(summary, { top, root, cwd, columns, page })
  try {
    text.push(...snapshotNotes(home, new Set(tests.map(({ file }) => file))))
  } catch (error) {
    warnings.push(`heapproof: ${(error as Error).message}`)
  }
  if (github && env.GITHUB_ACTIONS === 'true') {
    text.push(...annotations(summary, root, env.GITHUB_WORKSPACE || root))
    if (env.GITHUB_STEP_SUMMARY) {
      const problem = appendStepSummary(env.GITHUB_STEP_SUMMARY, summary)
      if (problem !== undefined) warnings.push(`heapproof: ${problem}`)
    }
  }
  return { text, warnings }
}

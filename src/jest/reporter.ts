import { createRequire } from 'node:module'
import { join } from 'node:path'
import { checkReportOptions, type ReportOptions } from '../core/report/options.js'
import type { TestOutcome } from '../core/report/outcome.js'
import { reportRun } from '../core/report/report-run.js'
import { forksReproducibly } from '../core/snapshot/reproducible.js'

/** The part of the results of a run that we read. */
interface Results {
  readonly testResults: readonly {
    readonly testFilePath: string
    readonly displayName?: { readonly name: string }
    readonly heapproof?: { readonly root: string }
    readonly testResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly location?: { readonly line: number; readonly column: number } | null
      readonly heapproof?: unknown
    }[]
  }[]
}

/** The part of the configuration of a run that we read. */
interface GlobalConfig {
  readonly rootDir: string
  readonly collectCoverage?: boolean
}

/** Hands what Jest knows of each test to the report, at the end of each run, and prints what comes back. */
export default class HeapproofReporter {
  readonly #root: string
  readonly #coverage: boolean
  readonly #options: ReportOptions

  constructor(globalConfig: GlobalConfig, options?: ReportOptions) {
    this.#root = globalConfig.rootDir
    this.#coverage = globalConfig.collectCoverage === true
    this.#options = checkReportOptions('heapproof/jest/reporter', options) ?? {}
  }

  /** Jest's own reporters print to stderr; stdout is for `--json`. */
  onRunComplete(_contexts: unknown, results: Results): void {
    const { text, warnings } = reportRun(outcomes(results), this.#options, {
      root: this.#root,
      cwd: process.cwd(),
      env: process.env,
      columns: process.stderr.isTTY ? process.stderr.columns : undefined,
      runner: {
        runner: 'jest',
        runnerVersion: versionOfJest(this.#root),
        coverage: this.#coverage,
        reproducible: forksReproducibly(),
      },
    })
    for (const line of [...text, ...warnings]) process.stderr.write(`${line}\n`)
  }
}

/** Jest tells its reporters everything but this. */
function versionOfJest(root: string): string {
  try {
    return createRequire(join(root, 'package.json'))('jest/package.json').version
  } catch {
    return 'unknown' // installed under another name
  }
}

function outcomes({ testResults: files }: Results): TestOutcome[] {
  return files.flatMap(({ testFilePath, displayName, heapproof, testResults }) =>
    testResults.map(({ fullName, status, location, heapproof: record }) => ({
      file: testFilePath,
      name: fullName,
      line: location?.line,
      column: location?.column,
      project: displayName?.name,
      state: status === 'passed' || status === 'failed' ? status : 'skipped',
      root: heapproof?.root,
      record,
    })),
  )
}

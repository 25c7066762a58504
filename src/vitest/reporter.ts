import type { TestCase, TestModule, Vitest } from 'vitest/node'
import type { ReportOptions } from '../core/report/options.js'
import type { TestOutcome } from '../core/report/outcome.js'
import { properties } from '../core/report/properties.js'

/** Reporters of Vitest that print what programs read, to stdout when they have no file. */
const FOR_PROGRAMS = ['json', 'junit', 'tap', 'tap-flat']

type Configured = Vitest['config']['reporters'][number]

/** A plugin in the configuration of each of several projects must not make a run report itself several times. */
const BRAND = Symbol.for('heapproof.reporter')

/** Hands what Vitest knows of each test to the report, at the end of each run, and prints what comes back. */
export class HeapproofReporter {
  readonly [BRAND] = true
  readonly #options: ReportOptions
  readonly #reproducible: boolean
  #vitest: Vitest | undefined
  #modules: readonly TestModule[] = []

  constructor(options: ReportOptions, reproducible: boolean) {
    this.#options = options
    this.#reproducible = reproducible
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  /** JUnit's reports show annotations as properties. Without that reporter nobody needs them. */
  onTestCaseResult(test: TestCase): void {
    if (!names(this.#vitest).includes('junit')) return
    const { annotations } = (test as unknown as { task: { annotations?: unknown[] } }).task
    annotations?.push(...properties(metaOf(test)).map(({ name, value }) => ({ type: name, message: value })))
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    this.#modules = modules
    if (!isVersion3(this.#vitest)) await this.#report()
  }

  /** Vitest 3 asks for the end of the run first, and for the summary that all reporters begin with now. */
  async onFinished(): Promise<void> {
    if (isVersion3(this.#vitest)) await this.#report()
  }

  async #report(): Promise<void> {
    const vitest = this.#vitest
    if (vitest === undefined) return
    // Vitest starts sooner without it.
    const { reportRun } = await import('../core/report/report-run.js')
    const { text, warnings } = reportRun(outcomes(this.#modules), this.#options, {
      root: vitest.config.root,
      cwd: process.cwd(),
      env: process.env,
      columns: process.stdout.columns || undefined,
      runner: {
        runner: 'vitest',
        runnerVersion: vitest.version,
        coverage: vitest.config.coverage.enabled,
        reproducible: this.#reproducible,
      },
    })
    const quiet = printsForPrograms(vitest)
    for (const line of text) quiet ? vitest.logger.error(line) : vitest.logger.log(line)
    for (const warning of warnings) vitest.logger.error(warning)
  }
}

/** Adds a reporter to those of a run, once. It stays whatever the command line chooses. */
export function addReporter(reporters: unknown[], options: ReportOptions, reproducible: boolean): void {
  const isOurs = (reporter: unknown) => typeof reporter === 'object' && reporter !== null && BRAND in reporter
  if (!reporters.some(isOurs)) reporters.push(new HeapproofReporter(options, reproducible))
}

function* outcomesOf(module: TestModule): Generator<TestOutcome> {
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    yield {
      file: module.moduleId,
      name: test.fullName,
      line: test.location?.line,
      column: test.location?.column,
      project: module.project.name,
      state: state === 'pending' ? 'skipped' : state,
      root: module.project.config.root,
      record: metaOf(test),
    }
  }
}

function outcomes(modules: readonly TestModule[]): TestOutcome[] {
  return modules.flatMap((module) => [...outcomesOf(module)])
}

function metaOf(test: TestCase): unknown {
  return (test.meta() as { heapproof?: unknown }).heapproof
}

function isVersion3(vitest: Vitest | undefined): boolean {
  return vitest?.version.startsWith('3.') === true
}

function configured(reporter: Configured): { name: unknown; outputFile?: unknown } {
  return Array.isArray(reporter) ? { ...reporter[1], name: reporter[0] } : { name: reporter }
}

function names(vitest: Vitest | undefined): unknown[] {
  return (vitest?.config.reporters ?? []).map((reporter) => configured(reporter).name)
}

/** Whether stdout is for a program: a word of ours would make it unreadable. */
function printsForPrograms({ config }: Vitest): boolean {
  const { outputFile } = config
  return config.reporters.some((reporter) => {
    const { name, outputFile: own } = configured(reporter)
    if (typeof name !== 'string' || !FOR_PROGRAMS.includes(name) || own !== undefined) return false
    if (typeof outputFile === 'string') return false
    return (outputFile as Record<string, string> | undefined)?.[name] === undefined
  })
}

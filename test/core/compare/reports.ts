import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { environmentOf, type RunEnvironment } from '../../../src/core/report/environment.js'
import { jsonReport } from '../../../src/core/report/json.js'
import type { TestOutcome } from '../../../src/core/report/outcome.js'
import { reported } from '../../../src/core/report/rebase.js'
import { summarize } from '../../../src/core/report/summarize.js'
import { ROOT } from '../report/outcomes.js'

/** Where the runs of these tests took place, unless they say otherwise. */
export const ENVIRONMENT: RunEnvironment = {
  ...environmentOf({ runner: 'vitest', runnerVersion: '4.1.12', coverage: false, reproducible: false }),
  node: '24.11.1',
  platform: 'linux',
  arch: 'x64',
  heapproof: '0.1.0',
}

/** The tests, measured where the same code allocates the same. */
export function settled(outcomes: readonly TestOutcome[]): TestOutcome[] {
  return outcomes.map((each) => {
    const { record } = each
    return typeof record === 'object' && record !== null
      ? { ...each, record: { ...record, settled: true } }
      : each
  })
}

let written = 0

/** Writes the report of a run, as a runner would, and answers its path. Each has a time of its own. */
export function writeReport(
  folder: string,
  outcomes: readonly TestOutcome[],
  environment: RunEnvironment | undefined = ENVIRONMENT,
  name = 'report.json',
): string {
  const tests = outcomes.map((each) => reported(each, ROOT))
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  const created = new Date(Date.UTC(2026, 0, 2) + 1000 * written++)
  writeFileSync(path, jsonReport(tests, summarize(tests), created, environment))
  return path
}

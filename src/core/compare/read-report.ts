import { readFileSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { type RunEnvironment, readEnvironment } from '../report/environment.js'
import type { ReportedTest } from '../report/outcome.js'
import { isObject } from '../report/read-record.js'
import { reported } from '../report/rebase.js'
import { show } from '../text/show.js'

/** The report of one run, as it was written. */
export interface RunReport {
  readonly path: string
  /** When it was written; an invalid date when that is not known. */
  readonly created: Date
  readonly environment: RunEnvironment | undefined
  readonly tests: readonly ReportedTest[]
}

const STATES: readonly unknown[] = ['passed', 'failed', 'skipped']

/**
 * Reads the report of a run. Whatever is wrong with it is told by name: it may come from an upload that broke off, or
 * from somebody who wants to see what happens.
 *
 * @throws HeapproofError `cannot-read`; `bad-report`.
 */
export function readReport(path: string): RunReport {
  const report = parsed(path)
  const { format, version, tests, created } = report
  if (format !== 'heapproof-report') throw bad(path, 'format', '"heapproof-report"', format)
  if (version !== 1) throw bad(path, 'version', '1, which is what this heapproof reads', version)
  if (!Array.isArray(tests)) throw bad(path, 'tests', 'a list', tests)
  return {
    path,
    created: new Date(typeof created === 'string' ? created : Number.NaN),
    environment: readEnvironment(report.environment),
    tests: tests.map((test, index) => testOf(path, `tests[${index}]`, test)),
  }
}

function parsed(path: string): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new HeapproofError('cannot-read', `${path}: cannot be read: ${(error as Error).message}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new HeapproofError('bad-report', `${path}: is not JSON: ${(error as Error).message}`)
  }
  if (!isObject(value)) throw bad(path, 'it', 'an object', value)
  return value
}

function testOf(path: string, where: string, test: unknown): ReportedTest {
  if (!isObject(test)) throw bad(path, where, 'an object', test)
  const { file, name, line, column, project = '', state, record } = test
  for (const [key, value] of Object.entries({ file, name, project }))
    if (typeof value !== 'string') throw bad(path, `${where}.${key}`, 'a string', value)
  for (const [key, value] of Object.entries({ line, column }))
    if (value !== undefined && !Number.isSafeInteger(value)) {
      throw bad(path, `${where}.${key}`, 'a whole number', value)
    }
  if (!STATES.includes(state)) throw bad(path, `${where}.state`, 'passed, failed or skipped', state)
  const outcome = { file, name, line, column, project, state, record } as Parameters<typeof reported>[0]
  return { ...reported(outcome, '/'), file: outcome.file } // its paths are relative already
}

function bad(path: string, where: string, expected: string, received: unknown): HeapproofError {
  return new HeapproofError(
    'bad-report',
    `${path}: ${where}: expected ${expected}, received ${show(received)}`,
  )
}

import { compareRuns } from '../compare/compare-runs.js'
import { comparisonMarkdown } from '../compare/markdown.js'
import { headline, rowsOf } from '../compare/phrases.js'
import { comparisonText } from '../compare/text.js'
import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'
import { say } from './inputs.js'
import { oneOf } from './run-options.js'

/** Options of `heapproof compare`, as they were typed. */
export interface TypedCompare {
  readonly format?: string
  readonly json?: boolean
  readonly threshold?: string
  readonly failOver?: string
}

/** What is to be printed, and whether a test grew by more than was allowed. */
export function compareCommand(
  base: string,
  head: string,
  { format, json, threshold, failOver }: TypedCompare,
): { output: string; tooMuch: boolean } {
  if (json === true && format !== undefined) throw refused('--json and --format do not go together')
  const form = oneOf('--format', format ?? 'text', ['text', 'markdown'] as const)
  const limit = failOver === undefined ? undefined : partOf('--fail-over', failOver)
  const part = threshold === undefined ? undefined : partOf('--threshold', threshold)
  const comparison = compareRuns(base, head, { threshold: part })
  const rows = rowsOf(comparison, limit)
  // A check that looked at nothing must not look like one that passed.
  if (limit !== undefined && comparison.tests.length === 0)
    say(`${headline(comparison, rows)}: --fail-over had no effect`)
  const forms = { text: comparisonText, markdown: comparisonMarkdown }
  return {
    output: json === true ? `${JSON.stringify(comparison)}\n` : forms[form](comparison, limit),
    tooMuch: rows.tooMuch.length > 0,
  }
}

function partOf(option: string, typed: string): number {
  const number = /^(\d{1,4}(?:\.\d+)?) ?%$/.exec(typed)?.[1]
  if (number !== undefined && Number(number) <= 10_000) return Number(number) / 100
  throw refused(`${option} must be a percentage from 0% to 10000%, such as 10%, received ${show(typed)}`)
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}

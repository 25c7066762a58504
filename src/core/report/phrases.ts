import { formatExactSize, formatSize, groupDigits } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import { printable } from '../text/printable.js'
import type { NotedLimit } from './limits.js'
import type { SuiteLine } from './lines.js'
import type { ReportedTest } from './outcome.js'
import type { MeasuredTest, SuiteSummary } from './summarize.js'

// Every word that more than one form of the report says. All texts are plain: each form escapes them in its own way.

/** What the numbers of lines are. */
export const LINES_NOTE = 'estimates from samples, ± two standard errors'
/** What is not among them. */
export const LINES_MISSING = 'Each test tells its ten heaviest lines; what others allocated is not in here'

/** `214 tests allocated 1.21 GB (exact)`. */
export function headline({ measured, allocated, approximate }: SuiteSummary): string {
  const { length } = measured
  if (length === 0) return 'no test could be measured'
  const certainty =
    approximate === 0
      ? 'exact'
      : approximate === length
        ? 'approximate'
        : `exact, but for ${groupDigits(approximate)} marked ~`
  return `${plural(length, 'test')} allocated ${bytes(allocated)} (${certainty})`
}

export function bytes(value: number): string {
  return formatSize(value, 'SI')
}

/** What a test allocated, with `~` when the count was disturbed. */
export function allocatedBy({ record }: MeasuredTest): string {
  return `${record.certainty === 'approximate' ? '~' : ''}${bytes(record.allocated)}`
}

/** `±4 %`: the true figure lies inside in 19 of 20 cases. Empty when the error is not known. */
export function plusMinus({ error }: SuiteLine): string {
  return error === undefined ? '' : `±${groupDigits(Math.max(1, Math.ceil(200 * error)))} %`
}

/** `test/feed.test.ts:12`, behind the name of the project when there are several. */
export function placeOfTest({ project, file, line }: ReportedTest): string {
  const place = printable(line === undefined ? file : `${file}:${line}`)
  return project === '' ? place : `[${printable(project)}] ${place}`
}

/** `src/feed.ts:23:11`. */
export function placeOfLine({ file, line, column, domain }: Omit<SuiteLine, 'tests' | 'error'>): string {
  const position = line > 0 ? `:${line}:${column}` : ''
  const kind = domain === 'heap' ? '' : domain === 'native' ? ' (native)' : ' (array buffer)'
  return `${printable(file) || '(unknown)'}${position}${kind}`
}

/** What was measured and what was allowed, with every byte where three digits would make them look the same. */
export function limitSizes({ limit: { kind, measured, limit }, test: { record } }: NotedLimit): {
  measured: string
  limit: string
} {
  if (measured === undefined || measured === null) return { measured: '?', limit: bytes(limit) }
  const alike = bytes(measured) === bytes(limit) && measured !== limit
  const size = alike ? formatExactSize : bytes
  const mark = kind === 'allocated' && record?.certainty === 'approximate' ? '~' : ''
  return { measured: mark + size(measured), limit: size(limit) }
}

/** `1 exceeded, 2 near`. */
export function standings(limits: readonly NotedLimit[]): string {
  const counts = new Map<string, number>()
  for (const { standing } of limits) counts.set(standing, (counts.get(standing) ?? 0) + 1)
  return [...counts].map(([standing, number]) => `${groupDigits(number)} ${standing}`).join(', ')
}

/** `3 tests: 2 because other tests ran at the same time, 1 because …`; empty when all were measured. */
export function unmeasured({ unmeasured: reasons }: SuiteSummary): string {
  const all = reasons.reduce((sum, { tests }) => sum + tests, 0)
  const [only] = reasons
  if (only === undefined) return ''
  if (reasons.length === 1) return `${plural(all, 'test')}, because ${printable(only.reason)}`
  const parts = reasons.map(({ reason, tests }) => `${groupDigits(tests)} because ${printable(reason)}`)
  return `${plural(all, 'test')}: ${parts.join(', ')}`
}

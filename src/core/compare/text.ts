import { groupDigits } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import { printable } from '../text/printable.js'
import { type Alignment, table } from '../text/table.js'
import type { RunComparison } from './compare-runs.js'
import { headline, reasons, rowsOf, sums } from './phrases.js'
import { type ComparisonTable, tablesOf } from './tables.js'

/**
 * A comparison as text for a terminal or a log; ends with a line break.
 *
 * @param failOver the growth that is too much, as a part; undefined when none is
 */
export function comparisonText(comparison: RunComparison, failOver?: number): string {
  const rows = rowsOf(comparison, failOver)
  const why = reasons(comparison).map(
    ({ reason, tests }) => `  ${plural(tests, 'test')}: ${printable(reason)}`,
  )
  const lines = [
    `${headline(comparison, rows)}.`,
    ...[sums(comparison)].filter((line) => line !== ''),
    ...tablesOf(comparison, rows, failOver).flatMap(section),
    ...(why.length === 0 ? [] : ['', 'Not comparable', ...why]),
  ]
  return `${lines.join('\n')}\n`
}

function section({ title, note, columns, rows, all }: ComparisonTable): string[] {
  const cells = [columns.map((column) => column.replace(/:$/, '')), ...rows.map((row) => row.map(textOf))]
  const align = columns.map((column): Alignment => (column.endsWith(':') ? 'right' : 'left'))
  const more = all > rows.length ? [`  ${groupDigits(all - rows.length)} more are not shown`] : []
  const heading = note === undefined ? title : `${title} (${note})`
  return ['', heading, ...table(cells, align).map((line) => `  ${line}`), ...more]
}

function textOf(pieces: ComparisonTable['rows'][number][number]): string {
  return pieces.map(({ text }) => printable(text)).join('  ')
}

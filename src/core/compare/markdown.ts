import { cell } from '../report/github/cell.js'
import { cutToBytes, markdownTable } from '../report/github/markdown.js'
import { groupDigits } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import type { RunComparison } from './compare-runs.js'
import { headline, reasons, rowsOf, sums } from './phrases.js'
import { type Cell, type ComparisonTable, tablesOf } from './tables.js'

/** The first line of the Markdown: by it a workflow finds the comment that it wrote before. */
export const MARK = '<!-- heapproof compare -->'

/** Characters that GitHub and GitLab take for a comment, at most; GitLab takes more. */
export const COMMENT_ROOM = 65_536

/**
 * A comparison as Markdown, for a comment on a pull request: at most `room` bytes of UTF-8, and so at most as many
 * characters. What does not fit is left out from the end, with a word.
 *
 * @param failOver the growth that is too much, as a part; undefined when none is
 */
export function comparisonMarkdown(
  comparison: RunComparison,
  failOver?: number,
  room = COMMENT_ROOM,
): string {
  const rows = rowsOf(comparison, failOver)
  const why = reasons(comparison).map(({ reason, tests }) => `- ${plural(tests, 'test')}: ${cell(reason)}`)
  const lines = [
    MARK,
    '## Memory of the tests',
    '',
    `**${headline(comparison, rows)}.** ${sums(comparison)}`.trimEnd(),
    '',
    ...tablesOf(comparison, rows, failOver).flatMap(section),
    ...(why.length === 0 ? [] : ['### Not comparable', '', ...why, '']),
  ]
  return cutToBytes(lines, room)
}

function section({ title, note, columns, rows, all }: ComparisonTable): string[] {
  const table = markdownTable({
    title,
    ...(note !== undefined && { note: `${note.charAt(0).toUpperCase()}${note.slice(1)}.` }),
    columns,
    rows: rows.map((row) => row.map(cellOf)),
  })
  return all > rows.length ? [...table, `${groupDigits(all - rows.length)} more are not shown.`, ''] : table
}

function cellOf(pieces: readonly Cell[]): string {
  return pieces.map(({ text, kind }) => (kind === 'name' ? cell(text) : text)).join(' ')
}

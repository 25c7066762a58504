import { placeOfLine } from '../report/phrases.js'
import type { LoneTest, RunComparison } from './compare-runs.js'
import type { LineChange } from './lines.js'
import {
  certain,
  difference,
  LINES_NOTE,
  loneSize,
  PERHAPS_NOTE,
  percent,
  placeOf,
  type Row,
  type Rows,
  sizes,
} from './phrases.js'

/** A piece of a cell: `word` is ours, `name` somebody else's. */
export interface Cell {
  readonly text: string
  readonly kind: 'word' | 'name'
}

/** A table of a comparison, before it is text or Markdown. */
export interface ComparisonTable {
  readonly title: string
  readonly note?: string
  /** Those that end in a colon are numbers. */
  readonly columns: readonly string[]
  /** Each row has as many cells as there are columns; a cell is made of pieces with spaces between. */
  readonly rows: readonly (readonly (readonly Cell[])[])[]
  /** How many rows there are in all. */
  readonly all: number
}

/** Rows of each table. */
const MOST = 50
/** Of what may be chance there is more, and less to see in it. */
const MOST_PERHAPS = 10

const word = (text: string): Cell[] => [{ text, kind: 'word' }]
const name = (text: string): Cell[] => [{ text, kind: 'name' }]

/** The tables of a comparison, those first that somebody has to look at. */
export function tablesOf(
  comparison: RunComparison,
  rows: Rows,
  failOver: number | undefined,
): ComparisonTable[] {
  const { threshold, lines, added, removed } = comparison
  const beyond = `by more than ${percent(threshold)}`
  return [
    changes(`Grew by more than ${percent(failOver ?? 0)}, which fails`, rows.tooMuch),
    changes(rows.tooMuch.length > 0 ? 'Grew as well' : `Grew ${beyond}`, rows.grew),
    lineTable('Lines that grew', lines.grew),
    changes(`Shrank ${beyond}`, rows.shrank),
    lineTable('Lines that shrank', lines.shrank),
    changes('Perhaps changed', rows.perhaps, PERHAPS_NOTE),
    lone('New', added),
    lone('Removed', removed),
  ].filter(({ all }) => all > 0)
}

function changes(title: string, rows: readonly Row[], note?: string): ComparisonTable {
  const perhaps = note !== undefined
  return {
    title,
    ...(perhaps && { note }),
    columns: ['before:', 'now:', 'change:', ...(perhaps ? [] : ['at least:']), '', 'test'],
    rows: rows.slice(0, perhaps ? MOST_PERHAPS : MOST).map(({ test, change }) => {
      const { base, head } = sizes(change)
      return [
        word(base),
        word(head),
        word(difference(change.base, change.head)),
        ...(perhaps ? [] : [word(certain(change))]),
        word(change.quantity),
        [...name(placeOf(test)), ...name(test.name)],
      ]
    }),
    all: rows.length,
  }
}

function lineTable(title: string, lines: readonly LineChange[]): ComparisonTable {
  return {
    title,
    note: LINES_NOTE,
    columns: ['before:', 'now:', 'function', 'line'],
    rows: lines.slice(0, MOST).map((line) => {
      const { base, head } = sizes(line)
      const place = placeOfLine({ ...line, self: 0, total: 0, live: 0 })
      return [word(base), word(head), name(line.function), name(place)]
    }),
    all: lines.length,
  }
}

function lone(title: string, tests: readonly LoneTest[]): ComparisonTable {
  const sorted = [...tests].sort((a, b) => (b.allocated ?? 0) - (a.allocated ?? 0))
  return {
    title,
    columns: ['allocated:', 'test'],
    rows: sorted
      .slice(0, MOST)
      .map((test) => [word(loneSize(test)), [...name(placeOf(test)), ...name(test.name)]]),
    all: tests.length,
  }
}

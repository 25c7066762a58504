import { relative, resolve, sep } from 'node:path'
import { groupDigits } from '../text/bytes.js'
import { cutToColumns } from '../text/columns.js'
import { printable } from '../text/printable.js'
import { shellWord } from '../text/shell-word.js'
import { table } from '../text/table.js'
import { fitted, type Section } from './fitted.js'
import {
  allocatedBy,
  bytes,
  headline,
  LINES_NOTE,
  limitSizes,
  placeOfLine,
  placeOfTest,
  plusMinus,
  standings,
  unmeasured,
} from './phrases.js'
import type { MeasuredTest, SuiteSummary } from './summarize.js'

/** Lines of a screen. */
const SCREEN = 24
const ROW = '     '

/** What the block is made for. */
export interface BlockSurroundings {
  /** Rows of each table, at most. */
  readonly top: number
  /** Absolute paths: what paths in the summary are relative to, and the directory of the user's shell. */
  readonly root: string
  readonly cwd: string
  /** Columns of the terminal. */
  readonly columns: number
  /** Absolute path of the page, when it was written. */
  readonly page?: string | undefined
}

/**
 * The lines at the end of a run: at most 24, each at most `columns` wide, names last. None when no test has a
 * record. Plain text; colours belong to the runner.
 */
export function textBlock(summary: SuiteSummary, surroundings: BlockSurroundings): string[] {
  const { top, columns } = surroundings
  if (summary.records === 0) return []
  const sections = [
    allocators(summary, top),
    retainers(summary, top),
    heaviestLines(summary, top),
    limits(summary, top),
  ].filter((section) => section.rows.length > 0)
  const ends = closing(summary, surroundings)
  const begin = ['', ` heapproof: ${headline(summary)}`]
  const lines = [...begin, ...fitted(sections, SCREEN - begin.length - ends.length), ...ends]
  return lines.map((line) => cutToColumns(line, columns))
}

function allocators({ measured }: SuiteSummary, top: number): Section {
  const some = measured.filter(({ record }) => record.allocated > 0)
  const rows = some.slice(0, top).map((test) => [allocatedBy(test), ...named(test)])
  return { heading: '   Tests that allocated most', rows: rowsOf(rows, 1) }
}

function retainers({ retainers: some }: SuiteSummary, top: number): Section {
  const rows = some.slice(0, top).map((test) => [bytes(test.record.retained ?? 0), ...named(test)])
  return { heading: '   Tests that retained most', rows: rowsOf(rows, 1) }
}

function heaviestLines({ lines }: SuiteSummary, top: number): Section {
  const some = lines.filter(({ self }) => self > 0)
  const rows = some
    .slice(0, top)
    .map((line) => [bytes(line.self), plusMinus(line), printable(line.function), placeOfLine(line)])
  return { heading: `   Lines that allocated most (${LINES_NOTE})`, rows: rowsOf(rows, 2) }
}

function limits({ limits: some }: SuiteSummary, top: number): Section {
  const rows = some.slice(0, top).map((noted) => {
    const { measured, limit } = limitSizes(noted)
    return [measured, `of ${limit}`, noted.limit.kind, noted.standing, ...named(noted.test)]
  })
  return { heading: `   Limits: ${standings(some)}`, rows: rowsOf(rows, 1) }
}

/** The last two cells: the file is what a terminal opens, the name is what may be long. */
function named(test: MeasuredTest | SuiteSummary['limits'][number]['test']): string[] {
  return [`${placeOfTest(test)}  ${printable(test.name)}`]
}

function rowsOf(rows: readonly string[][], numbers: number): string[] {
  const align = (rows[0] ?? []).map((_, column) => (column < numbers ? 'right' : 'left') as 'left' | 'right')
  return table(rows, align).map((row) => ROW + row)
}

function closing(summary: SuiteSummary, { root, cwd, page }: BlockSurroundings): string[] {
  const lines: string[] = []
  const missing = unmeasured(summary)
  if (missing !== '') lines.push(`   Not measured: ${missing}`)
  const profile = summary.profiled[0]?.record.profile
  if (profile !== undefined) {
    const command = `npx heapproof top ${shellWord(fromShell(root, profile, cwd))}`
    lines.push(`   Profiles: ${groupDigits(summary.profiled.length)} kept. Open one: ${printable(command)}`)
  }
  if (page !== undefined) lines.push(`   All tests: ${printable(fromShell(root, page, cwd))}`)
  return lines
}

/** A path as the user's shell takes it, with forward slashes. */
function fromShell(root: string, path: string, cwd: string): string {
  return relative(cwd, resolve(root, path)).split(sep).join('/')
}

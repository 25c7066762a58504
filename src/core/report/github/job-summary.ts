import type { ReportedTest } from '../outcome.js'
import {
  allocatedBy,
  bytes,
  count,
  headline,
  LINES_MISSING,
  LINES_NOTE,
  limitSizes,
  placeOfLine,
  placeOfTest,
  plusMinus,
  standings,
} from '../phrases.js'
import type { SuiteSummary } from '../summarize.js'
import { cell } from './cell.js'

const ROWS = 20
const LIMITS = 100

interface Table {
  readonly title: string
  readonly note?: string
  /** Names of the columns; those that end in a colon are numbers. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * The run in Markdown, for the page of a job of GitHub Actions: the limits that deserve a word, at most 100, and the 20
 * tests and lines that allocated most. Takes at most `room` bytes of UTF-8: rows that do not fit are left out from the
 * end, with a word. Empty when not even the headline fits.
 */
export function jobSummary(summary: SuiteSummary, room: number): string {
  const missing = summary.unmeasured.map(({ reason, tests }) => `- ${count(tests, 'test')}: ${cell(reason)}`)
  const parts = tables(summary).map(markdown)
  if (missing.length > 0) parts.push(['### Not measured', '', ...missing, ''])
  const lines = ['## Memory of the tests', '', `${headline(summary)}.`, '', ...parts.flat()]
  return cutToBytes(lines, room)
}

function tables({ limits, measured, retainers, lines }: SuiteSummary): Table[] {
  const all: Table[] = [
    {
      title: `Limits: ${standings(limits)}`,
      columns: ['', 'measured:', 'limit:', 'kind', 'test', 'line'],
      rows: limits.slice(0, LIMITS).map((noted) => {
        const sizes = limitSizes(noted)
        const line = noted.site === undefined ? '' : cell(placeOfLine(noted.site))
        return [noted.standing, sizes.measured, sizes.limit, noted.limit.kind, test(noted.test), line]
      }),
    },
    {
      title: 'Tests that allocated most',
      columns: ['allocated:', 'test'],
      rows: measured
        .filter(({ record }) => record.allocated > 0)
        .slice(0, ROWS)
        .map((each) => [allocatedBy(each), test(each)]),
    },
    {
      title: 'Tests that retained most',
      columns: ['retained:', 'test'],
      rows: retainers.slice(0, ROWS).map((each) => [bytes(each.record.retained ?? 0), test(each)]),
    },
    {
      title: 'Lines that allocated most',
      note: `${capital(LINES_NOTE)}. ${LINES_MISSING}.`,
      columns: ['allocated:', '±:', 'function', 'line'],
      rows: lines
        .filter(({ self }) => self > 0)
        .slice(0, ROWS)
        .map((each) => [bytes(each.self), plusMinus(each), cell(each.function), cell(placeOfLine(each))]),
    },
  ]
  return all.filter(({ rows }) => rows.length > 0)
}

function test(each: ReportedTest): string {
  return `${cell(placeOfTest(each))} ${cell(each.name)}`
}

function markdown({ title, note, columns, rows }: Table): string[] {
  const head = columns.map((column) => column.replace(/:$/, ''))
  const rule = columns.map((column) => (column.endsWith(':') ? '--:' : '---'))
  const body = [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`)
  return [`### ${title}`, '', ...(note === undefined ? [] : [note, '']), ...body, '']
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const LEFT_OUT = '\nThe rest is left out: GitHub takes no more.\n'

function cutToBytes(lines: readonly string[], room: number): string {
  const whole = `${lines.join('\n')}\n`
  if (Buffer.byteLength(whole) <= room) return whole
  let size = Buffer.byteLength(LEFT_OUT)
  const kept: string[] = []
  for (const line of lines) {
    size += Buffer.byteLength(line) + 1
    if (size > room) break
    kept.push(line)
  }
  return kept.length < 3 ? '' : `${kept.join('\n')}\n${LEFT_OUT}`
}

import { plural } from '../../text/plural.js'
import type { ReportedTest } from '../outcome.js'
import {
  allocatedBy,
  bytes,
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
import { cutToBytes, type MarkdownTable, markdownTable } from './markdown.js'

const ROWS = 20
const LIMITS = 100

/**
 * The run in Markdown, for the page of a job of GitHub Actions: the limits that deserve a word, at most 100, and the 20
 * tests and lines that allocated most. Takes at most `room` bytes of UTF-8: rows that do not fit are left out from the
 * end, with a word. Empty when not even the headline fits.
 */
export function jobSummary(summary: SuiteSummary, room: number): string {
  const missing = summary.unmeasured.map(({ reason, tests }) => `- ${plural(tests, 'test')}: ${cell(reason)}`)
  const parts = tables(summary).map(markdownTable)
  if (missing.length > 0) parts.push(['### Not measured', '', ...missing, ''])
  const lines = ['## Memory of the tests', '', `${headline(summary)}.`, '', ...parts.flat()]
  return cutToBytes(lines, room)
}

function tables({ limits, measured, retainers, lines }: SuiteSummary): MarkdownTable[] {
  const all: MarkdownTable[] = [
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

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

import { PARTIAL_LINES } from '../../bracket/sentence.js'
import { groupDigits } from '../../text/bytes.js'
import { html, type Markup } from '../../text/markup.js'
import { plural } from '../../text/plural.js'
import { printable } from '../../text/printable.js'
import { shellWord } from '../../text/shell-word.js'
import type { NotedLimit } from '../limits.js'
import type { ReportedTest } from '../outcome.js'
import {
  allocatedBy,
  bytes,
  LINES_MISSING,
  LINES_NOTE,
  limitSizes,
  placeOfLine,
  placeOfTest,
  plusMinus,
} from '../phrases.js'
import type { MeasuredTest, SuiteSummary } from '../summarize.js'
import type { KeptProfile } from './link.js'
import { bar, type Column, table } from './table.js'

/** More than anybody reads; the rest is in the JSON report. */
const MOST_TESTS = 2000
const MOST_LINES = 500
const MOST_LIMITS = 500
/** Lines that are shown of one test. */
const MOST_OF_A_TEST = 5

const number = (name: string): Column => ({ name, kind: 'number' })
const word = (name: string): Column => ({ name, kind: 'word' })
const wide = (name: string): Column => ({ name, kind: 'wide' })

/** Names are in an element that keeps their direction of writing to themselves. */
const name = (text: string): Markup => html`<bdi>${printable(text)}</bdi>`
const place = (text: string): Markup => html`<span class="place"><bdi>${text}</bdi></span>`

/** Limits that deserve a word. */
export function limitsTable(limits: readonly NotedLimit[]): Markup {
  const rows = limits.slice(0, MOST_LIMITS).map((noted) => {
    const { standing, limit, test, site } = noted
    const sizes = limitSizes(noted)
    const line = site === undefined ? '' : html`<br>${place(placeOfLine(site))}`
    return [
      standing === 'near' ? html`near` : html`<span class="bad">${standing}</span>`,
      html`${sizes.measured}`,
      html`${sizes.limit}`,
      html`${limit.kind}`,
      html`${testName(test)}${line}`,
    ]
  })
  const columns = [
    word(''),
    number('measured'),
    number('limit'),
    word('kind'),
    wide('test, and its heaviest line'),
  ]
  return html`${table(columns, rows)}${leftOut(limits.length - MOST_LIMITS)}`
}

/** All measured tests, each with its heaviest lines and the way to its profile. */
export function testsTable(
  { measured, retainers }: SuiteSummary,
  findProfile: (profile: string) => KeptProfile,
): Markup {
  const greatest = measured[0]?.record.allocated ?? 0
  const peaks = measured.some(({ record }) => record.peak !== undefined)
  const retained = retainers.length > 0
  const rows = measured.slice(0, MOST_TESTS).map((test) => {
    const { record, state } = test
    const cells = [html`${allocatedBy(test)}${bar(record.allocated, greatest)}`]
    if (retained) cells.push(html`${record.retained === undefined ? '' : bytes(record.retained)}`)
    if (peaks) cells.push(html`${record.peak === undefined ? '' : bytes(record.peak)}`)
    cells.push(state === 'failed' ? html`<span class="bad">failed</span>` : html`${state}`)
    cells.push(details(test, findProfile))
    return cells
  })
  const columns = [number('allocated')]
  if (retained) columns.push(number('retained'))
  if (peaks) columns.push(number('peak'))
  columns.push(word(''), wide('test'))
  return html`${table(columns, rows)}${leftOut(measured.length - MOST_TESTS)}`
}

/** What the lines of the project allocated over the whole run. */
export function linesTable({ lines }: SuiteSummary): Markup {
  const greatest = lines[0]?.self ?? 0
  const rows = lines
    .slice(0, MOST_LINES)
    .map((line) => [
      html`${bytes(line.self)}${bar(line.self, greatest)}`,
      html`${plusMinus(line)}`,
      html`${bytes(line.total)}`,
      html`${groupDigits(line.tests)}`,
      html`${name(line.function)}<br>${place(placeOfLine(line))}`,
    ])
  const columns = [number('self'), number('±'), number('total'), number('tests'), wide('function and line')]
  return html`<p class="soft">Self is what the line itself allocated, total what it called as well: ${LINES_NOTE}. ${LINES_MISSING}.</p>
${table(columns, rows)}${leftOut(lines.length - MOST_LINES)}`
}

/** Tests that ran and were not measured, by reason. */
export function unmeasuredList({ unmeasured }: SuiteSummary): Markup {
  const items = unmeasured.map(
    ({ reason, tests }) => html`<li>${plural(tests, 'test')}: ${name(reason)}</li>\n`,
  )
  return html`<ul>\n${items}</ul>\n`
}

function testName(test: ReportedTest): Markup {
  return html`${name(test.name)}<br>${place(placeOfTest(test))}`
}

function details(test: MeasuredTest, findProfile: (profile: string) => KeptProfile): Markup {
  const { record } = test
  const parts: Markup[] = []
  if (record.certainty === 'approximate' && record.reason !== '') {
    parts.push(html`<p>Approximate: ${name(record.reason)}.</p>`)
  }
  const sites = record.sites.slice(0, MOST_OF_A_TEST).filter(({ self, total }) => self > 0 || total > 0)
  if (sites.length > 0) {
    const rows = sites.map((site) => [
      html`${bytes(site.self)}`,
      html`${bytes(site.total)}`,
      html`${name(site.function)} ${place(placeOfLine({ ...site }))}`,
    ])
    parts.push(table([number('self'), number('total'), wide('line')], rows))
  }
  if (record.partial) parts.push(html`<p>${PARTIAL_LINES}.</p>`)
  if (record.profile !== undefined) {
    const { page, fileBase } = findProfile(record.profile)
    if (page !== undefined) parts.push(html`<p><a href="${page}">Report page of this test</a></p>`)
    if (fileBase !== undefined) {
      const [verb, what] =
        page === undefined ? ['report', 'Make its report page'] : ['top', 'Its lines in the terminal']
      parts.push(html`<p>${what}: <code>npx heapproof ${verb} ${shellWord(fileBase)}</code></p>`)
    }
  }
  if (parts.length === 0) return testName(test)
  return html`<details><summary>${name(test.name)} ${place(placeOfTest(test))}</summary>
<div>${parts}</div></details>`
}

function leftOut(rows: number): Markup {
  return rows > 0 ? html`<p class="soft">${groupDigits(rows)} more are not shown.</p>\n` : html``
}

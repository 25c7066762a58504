import type { SiteDiff } from '../reduce/diff-sites.js'
import type { SiteSummary } from '../reduce/sites.js'
import { formatSize } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import { printable } from '../text/printable.js'
import { table } from '../text/table.js'
import type { Side } from './diff.js'
import { siteCells } from './site-cells.js'

/** All there is to say about two sides. */
export interface Difference {
  readonly sides: readonly [Side, Side]
  readonly before: SiteSummary
  readonly after: SiteSummary
  /** The greatest change first. */
  readonly diffs: readonly SiteDiff[]
}

/** The first `count` lines whose change is more than the chance of sampling, 0 for all, for people. */
export function diffTable({ sides, before, after, diffs }: Difference, count: number): string {
  const certain = diffs.filter(({ change, doubt }) => Math.abs(change) > doubt)
  const chance = diffs.filter(({ change, doubt }) => change !== 0 && Math.abs(change) <= doubt)
  const shown = count === 0 ? certain : certain.slice(0, count)
  const head = [
    `before   ${sideText(sides[0])}: ${amount(before)}`,
    `after    ${sideText(sides[1])}: ${amount(after)}`,
    `change   ${signed(after.self - before.self)}${percent(before.self, after.self)}`,
  ]
  const titles = ['before', 'after', 'change', 'doubt', 'function', 'place']
  const rows = shown.map((diff) => [
    formatSize(diff.before, 'SI'),
    formatSize(diff.after, 'SI'),
    signed(diff.change),
    diff.doubt === 0 ? '' : `±${formatSize(diff.doubt, 'SI')}`,
    ...siteCells(diff),
  ])
  const body =
    rows.length === 0
      ? ['No line has changed by more than the chance of sampling.']
      : table([titles, ...rows], ['right', 'right', 'right', 'right', 'left', 'left'])
  const rest = [
    ...remainder(certain.slice(shown.length), 'more', '; -n 0 shows all'),
    ...remainder(chance, 'other', ', each by no more than the chance of sampling'),
  ]
  return `${[...head, '', ...body, ...rest].join('\n')}\n`
}

/** Lines without any change are left out. */
export function diffJson({ sides, before, after, diffs }: Difference, count: number): string {
  const [left, right] = sides.map(({ reader, at = 'end' }, index) => ({
    fileBase: reader.fileBase,
    at,
    bytes: Math.round((index === 0 ? before : after).self),
  }))
  const changed = diffs.filter(({ change }) => change !== 0)
  const lines = (count === 0 ? changed : changed.slice(0, count)).map((diff) => ({
    function: diff.function,
    file: diff.file,
    line: diff.line,
    column: diff.column,
    domain: diff.domain,
    before: Math.round(diff.before),
    after: Math.round(diff.after),
    change: Math.round(diff.after) - Math.round(diff.before),
    doubt: Math.round(diff.doubt),
  }))
  return `${JSON.stringify({ value: sides[0].value, before: left, after: right, lines })}\n`
}

function sideText({ reader, at, value }: Side): string {
  const when = at === undefined || at === 'end' ? 'at the end' : at === 'peak' ? 'at the peak' : `at ${at} s`
  return `${printable(reader.fileBase)}, ${value === 'allocated' ? 'allocated' : `live ${when}`}`
}

function amount({ self, samples, error }: SiteSummary): string {
  const doubt = samples === 0 ? '' : `, ±${Math.max(1, Math.ceil(200 * error))} %`
  return `${formatSize(self, 'SI')} (${plural(samples, 'sample')}${doubt})`
}

function percent(before: number, after: number): string {
  if (before <= 0) return ''
  const change = Math.round((100 * (after - before)) / before)
  return ` (${change > 0 ? '+' : ''}${change} %)`
}

function signed(bytes: number): string {
  return `${bytes > 0 ? '+' : bytes < 0 ? '-' : ''}${formatSize(Math.abs(bytes), 'SI')}`
}

function remainder(rest: readonly SiteDiff[], which: string, end: string): string[] {
  if (rest.length === 0) return []
  const bytes = rest.reduce((sum, { change }) => sum + change, 0)
  return [`... ${plural(rest.length, `${which} line`)}, ${signed(bytes)} together${end}`]
}

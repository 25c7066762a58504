import { relativeTo } from '../expect/profiles.js'
import { formatExactSize, formatSize, groupDigits } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import { show } from '../text/show.js'
import { table } from '../text/table.js'
import type { Judged } from './findings.js'
import type { TestRecord, TestSite } from './record.js'

const INDENT = '    '
/** Where the lines of a test are those of a part of it. */
export const PARTIAL_LINES =
  'Lines are those up to where the test recorded something itself, or a matcher in it looked for lines'

/** What the sentence needs beside the verdicts. */
export interface Told {
  readonly failed: readonly Judged[]
  readonly record: TestRecord
  /** File base of the profile that was kept. */
  readonly profile: string | undefined
  /** Why there are no lines, when somebody could expect them. */
  readonly noLines: string | undefined
  readonly root: string
  readonly cwd: string
  /** What takes the options, as its users write it: `heapproof()`. */
  readonly configuredBy: string
}

/** The message of a test that broke its limits: what was said, numbers, lines, evidence. Plain text. */
export function sentence(told: Told): string {
  const { failed, record, noLines, profile } = told
  const paragraphs = failed.map((judged) => numbers(judged, record))
  if (record.sites.length > 0) paragraphs.push(places(record))
  else if (noLines !== undefined) paragraphs.push([`No allocation sites: ${noLines}.`])
  if (profile !== undefined) paragraphs.push(evidence(profile, told))
  return [
    head(failed, told.configuredBy),
    ...paragraphs.map((lines) => lines.map((line) => INDENT + line).join('\n')),
  ].join('\n\n')
}

function head(failed: readonly Judged[], configuredBy: string): string {
  const own = failed.some(({ limit }) => limit.own)
  const given = Object.fromEntries(failed.map(({ limit }) => [limit.kind, limit.given]))
  return own
    ? `heapLimit(${show(given)})`
    : `over the limits in the options of ${configuredBy}: ${show(given)}`
}

function numbers({ limit, finding }: Judged, record: TestRecord): string[] {
  const { family, bytes } = limit.size
  const size = (value: number) => formatSize(value, family)
  if (finding.measured === undefined) {
    return row([
      ['limit', size(bytes)],
      [limit.kind, `cannot tell: ${finding.reason}`],
    ])
  }
  // Three digits can make the limit and what exceeds it look the same.
  const alike = size(bytes) === size(finding.measured)
  const precise = (value: number) => (alike ? formatExactSize(value) : size(value))
  const lines = row([
    ['limit', precise(bytes)],
    [limit.kind, `${precise(finding.measured)}   (${certainty(finding.reason, limit.kind, record)})`],
  ])
  if (limit.kind === 'allocated') {
    lines.push(`            ${size(record.heap)} heap, ${size(record.arrayBuffers)} array buffers`)
  }
  return lines
}

function row(cells: readonly (readonly [string, string])[]): string[] {
  return cells.map(([name, value]) => `${name.padEnd(12)}${value}`)
}

function certainty(reason: string, kind: string, { collections, workers }: TestRecord): string {
  const exact = reason === '' ? 'exact' : `approximate: ${reason}`
  if (kind !== 'allocated') return exact
  const count = collections === 1 ? '1 collection' : `${groupDigits(collections)} collections`
  const threads = workers === undefined ? '' : `; with ${plural(workers, 'worker thread')}`
  return `${exact}; ${collections === 0 ? 'no collections' : count}${threads}`
}

function places({ sites, samplingInterval, samplingError, partial }: TestRecord): string[] {
  const size = (bytes: number) => formatSize(bytes, 'SI')
  const rows = sites.map((site) => [size(site.self), size(site.total), site.function, place(site)])
  const lines = table([['self', 'total', '', ''], ...rows], ['right', 'right', 'left', 'left'], 3)
  const percent = Math.max(1, Math.ceil(200 * (samplingError ?? 0)))
  const note = `(sampled every ${formatSize(samplingInterval ?? 0, 'IEC')}, ±${percent} %)`
  return partial ? [...lines, note, `${PARTIAL_LINES}; no profile is kept.`] : [...lines, note]
}

function place({ file, line, column, domain }: TestSite): string {
  const position = line > 0 ? `:${line}:${column}` : ''
  const what = { heap: '', arrayBuffer: ' (array buffer)', native: ' (native)' }
  return `${file}${position}${what[domain]}`
}

function evidence(profile: string, { root, cwd }: Told): string[] {
  const fromShell = relativeTo(cwd, profile)
  const argument = /^[\w./@+-]+$/.test(fromShell) ? fromShell : JSON.stringify(fromShell)
  return [`Profile: ${relativeTo(root, profile)}`, `Open it: npx heapproof top ${argument}`]
}

import type { Measurement } from '../measure/measurement.js'
import { formatExactSize, formatSize, groupDigits, type SizeFamily, threeDigits } from '../text/bytes.js'
import { show } from '../text/show.js'
import { table } from '../text/table.js'
import type { Site } from '../types.js'
import { relativeTo } from './profiles.js'
import type { Verdict } from './verdict.js'

const SITES_SHOWN = 10
const INDENT = '    '

/** What the sentence needs beside the verdict. */
export interface SentenceContext {
  /** Name of the matcher. */
  readonly matcher: string
  /** The limit as the test wrote it. */
  readonly argument: unknown
  readonly isNot: boolean
  /** Paths below it are shown relative to it. */
  readonly root: string
  /** Directory the user's shell is in, which the command is for. */
  readonly cwd: string
}

/** The message of a failed budget: sentence, numbers, places, evidence. Plain text; colours belong to the runner. */
export function sentence(verdict: Verdict, context: SentenceContext): string {
  const { measurement, limit } = verdict
  const call = `expect(received)${context.isNot ? '.not' : ''}.${context.matcher}(${show(context.argument)})`
  const paragraphs = [numbers(verdict, context.isNot)]
  if (measurement.sites.length > 0) paragraphs.push(places(measurement, limit.family, context.root))
  if (verdict.noSites !== undefined) paragraphs.push([`No allocation sites: ${verdict.noSites}.`])
  if (measurement.profile !== undefined) paragraphs.push(evidence(measurement.profile, context))
  return [call, ...paragraphs.map((lines) => lines.map((line) => INDENT + line).join('\n'))].join('\n\n')
}

function numbers({ limit, measurement }: Verdict, isNot: boolean): string[] {
  const size = (bytes: number) => formatSize(bytes, limit.family)
  // Three digits can make the limit and what exceeds it look the same.
  const alike = size(limit.bytes) === size(measurement.allocated)
  const precise = (bytes: number) => (alike ? formatExactSize(bytes) : size(bytes))
  const { allocations } = measurement
  const many = !allocations ? '' : ` in ~${plural(threeDigits(allocations), 'allocation')}`
  return [
    `limit       ${isNot ? 'at least ' : ''}${precise(limit.bytes)}`,
    `allocated   ${precise(measurement.allocated)}${many}   (${certainty(measurement)})`,
    `            ${size(measurement.heap)} heap, ${size(measurement.arrayBuffers)} array buffers`,
  ]
}

function certainty({ exact, collections }: Measurement): string {
  const during = collections === 0 ? 'no collections' : plural(collections, 'collection')
  return exact ? `exact; ${during}` : `approximate: V8 was collecting the whole heap; ${during}`
}

function places(measurement: Measurement, family: SizeFamily, root: string): string[] {
  const { sites } = measurement
  const all = sum(sites)
  const size = (bytes: number) => formatSize(bytes, family)
  const share = (bytes: number) => `${all === 0 ? 0 : Math.round((100 * bytes) / all)} %`
  const shown = sites.slice(0, SITES_SHOWN)
  const rows = shown.map((site) => [
    ` ${size(site.self)}`,
    share(site.self),
    ` ${size(site.total)}`,
    share(site.total),
    site.function,
    place(site, root),
  ])
  const head = ['self', '', 'total', '', '', '']
  const lines = table([head, ...rows], ['right', 'right', 'right', 'right', 'left', 'left'], 3)
  const rest = sites.slice(SITES_SHOWN)
  const more =
    rest.length === 0
      ? ''
      : `... ${groupDigits(rest.length)} more ${word(rest.length, 'site')}, ${size(sum(rest))}`
  return [...lines, `${more.padEnd(more === '' ? 0 : 35)}(${sampling(measurement)})`]
}

/** Two standard errors: the true figure lies inside in 19 of 20 cases. */
function sampling({ samplingInterval, samplingError }: Measurement): string {
  const percent = Math.max(1, Math.ceil(200 * (samplingError ?? 0)))
  return `sampled every ${formatSize(samplingInterval ?? 0, 'IEC')}, ±${percent} %`
}

function place(site: Site, root: string): string {
  const file = relativeTo(root, site.file)
  const position = site.line > 0 ? `:${site.line}:${site.column}` : ''
  return `${file}${position}${site.domain === 'arrayBuffer' ? ' (array buffer)' : ''}`
}

function evidence(profile: string, { root, cwd }: SentenceContext): string[] {
  const fromShell = relativeTo(cwd, profile)
  const argument = /^[\w./@+-]+$/.test(fromShell) ? fromShell : JSON.stringify(fromShell)
  return [`Profile: ${relativeTo(root, profile)}`, `Open it: npx heapproof top ${argument}`]
}

function sum(sites: readonly Site[]): number {
  return sites.reduce((total, site) => total + site.self, 0)
}

function plural(count: number, noun: string): string {
  return `${groupDigits(count)} ${word(count, noun)}`
}

function word(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`
}

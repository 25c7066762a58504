import { formatSize, type SizeFamily } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import { show } from '../text/show.js'
import { table } from '../text/table.js'
import type { Site } from '../types.js'
import type { Evidence } from './evidence.js'
import type { SentenceContext } from './matcher.js'
import { relativeTo } from './profiles.js'

const SITES_SHOWN = 10
const INDENT = '    '

/** How the sampled run was made whose sites are shown. */
export interface SampledBy {
  readonly samplingInterval: number | undefined
  /** Relative standard error of all sites together. */
  readonly samplingError: number | undefined
}

/** A message: the call, and paragraphs of lines. Plain text; colours belong to the runner. */
export function message(context: SentenceContext, paragraphs: readonly (readonly string[])[]): string {
  const given = context.given.map(show).join(', ')
  return messageOf(`expect(received)${context.isNot ? '.not' : ''}.${context.matcher}(${given})`, paragraphs)
}

/** The same below any other first line. */
export function messageOf(head: string, paragraphs: readonly (readonly string[])[]): string {
  const filled = paragraphs.filter((lines) => lines.length > 0)
  return [head, ...filled.map((lines) => lines.map((line) => INDENT + line).join('\n'))].join('\n\n')
}

/** The lines that allocated: their own bytes, and those of what they call besides. */
export function allocatingLines(
  sites: readonly Site[],
  by: SampledBy,
  family: SizeFamily,
  root: string,
): string[] {
  const all = sum(sites, 'self')
  const size = (bytes: number) => formatSize(bytes, family)
  const rows = sites
    .slice(0, SITES_SHOWN)
    .map((site) => [
      ` ${size(site.self)}`,
      share(site.self, all),
      ` ${size(site.total)}`,
      share(site.total, all),
      site.function,
      place(site, root),
    ])
  const head = ['self', '', 'total', '', '', '']
  return [
    ...table([head, ...rows], ['right', 'right', 'right', 'right', 'left', 'left'], 3),
    rest(sites, 'self', family, sampling(by), 35),
  ]
}

/** The lines whose allocations are live; `note` says when. */
function liveLines(
  sites: readonly Site[],
  by: { readonly samplingInterval: number; readonly note: string },
  family: SizeFamily,
  root: string,
): string[] {
  const live = sites.filter((site) => site.live > 0).sort((a, b) => b.live - a.live)
  if (live.length === 0) return []
  const all = sum(live, 'live')
  const rows = live
    .slice(0, SITES_SHOWN)
    .map((site) => [
      ` ${formatSize(site.live, family)}`,
      share(site.live, all),
      site.function,
      place(site, root),
    ])
  return [
    ...table([['live', '', '', ''], ...rows], ['right', 'right', 'left', 'left'], 3),
    rest(live, 'live', family, `${by.note}; ${sampling({ ...by, samplingError: liveError(live) })}`, 17),
  ]
}

/**
 * What stands under the numbers of a failure about live bytes: the lines, or why there are none, and the profile. `note`
 * says when they were live.
 */
export function liveParagraphs(
  { sampled, refusal }: Evidence,
  note: string,
  family: SizeFamily,
  context: SentenceContext,
): string[][] {
  const lines =
    sampled === undefined
      ? []
      : liveLines(sampled.sites, { samplingInterval: sampled.samplingInterval, note }, family, context.root)
  return [
    lines,
    refusal === undefined ? [] : [`No allocation sites: ${refusal}.`],
    evidenceLines(sampled?.profile, context),
  ]
}

/** Where the profile is, and how to look at it. */
export function evidenceLines(
  profile: string | undefined,
  { root, cwd }: Pick<SentenceContext, 'root' | 'cwd'>,
): string[] {
  if (profile === undefined) return []
  const fromShell = relativeTo(cwd, profile)
  const argument = /^[\w./@+-]+$/.test(fromShell) ? fromShell : JSON.stringify(fromShell)
  return [`Profile: ${relativeTo(root, profile)}`, `Open it: npx heapproof top ${argument}`]
}

function rest(
  sites: readonly Site[],
  of: 'self' | 'live',
  family: SizeFamily,
  note: string,
  width: number,
): string {
  const hidden = sites.slice(SITES_SHOWN)
  const more =
    hidden.length === 0
      ? ''
      : `... ${plural(hidden.length, 'more site')}, ${formatSize(sum(hidden, of), family)}`
  return `${more.padEnd(more === '' ? 0 : width)}(${note})`
}

/** Relative standard error of what is live: greater than that of what was allocated, since fewer samples tell of it. */
function liveError(live: readonly Site[]): number {
  const variance = live.reduce((all, { self, error, live }) => all + (self * error) ** 2 * (live / self), 0)
  return Math.sqrt(variance) / sum(live, 'live')
}

/** Two standard errors: the true figure lies inside in 19 of 20 cases. */
function sampling({ samplingInterval, samplingError }: SampledBy): string {
  if (samplingInterval === 1) return 'every allocation was recorded'
  const percent = Math.max(1, Math.ceil(200 * (samplingError ?? 0)))
  return `sampled every ${formatSize(samplingInterval ?? 0, 'IEC')}, ±${percent} %`
}

function place(site: Site, root: string): string {
  const file = relativeTo(root, site.file)
  const position = site.line > 0 ? `:${site.line}:${site.column}` : ''
  const domain = { heap: '', arrayBuffer: ' (array buffer)', native: ' (native)' }[site.domain]
  return `${file}${position}${domain}`
}

function share(bytes: number, all: number): string {
  return `${all === 0 ? 0 : Math.round((100 * bytes) / all)} %`
}

function sum(sites: readonly Site[], of: 'self' | 'live'): number {
  return sites.reduce((total, site) => total + site[of], 0)
}

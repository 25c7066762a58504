import { DOMAINS, type Domain } from '../types.js'
import { allowedText, roundedSize, SITE_DIGITS, totalDigits } from './amount.js'
import { joinCells, nameCell, placeCell } from './cells.js'
import { environmentLine } from './environment.js'
import type { Allowed, DigestSite, Environment, HeapDigest } from './types.js'
import { REST_WORD, SITE_WORDS, TOTAL_WORDS } from './words.js'

/** How many sites are listed when nobody says otherwise. */
export const SITES_LISTED = 10

/** Sites of less than this part of all bytes are not listed, */
const SMALLEST_PART = 0.01
/** nor are those with a greater relative error: there would be others in the next run. */
const GREATEST_ERROR = 0.25

/** Sizes are put to the right in this many columns, so that sizes of any unit stand below one another. */
const SIZE_COLUMNS = 9

/** The block of a digest, as it is when nothing is stored yet. See the README of this folder. */
export function renderDigest(digest: HeapDigest, most: number = SITES_LISTED): string {
  const { environment, sites } = digest
  const listed = listedSites(digest, most)
  const lines = totalsOf(digest).map(([domain, bytes]) => totalLine(domain, bytes, environment))
  if (sites !== undefined && areSitesKnown(digest)) {
    const rest = sumOf(sites) - sumOf(listed)
    lines.push(...listed.map((site) => siteLine(site)), restLine(rest, digest))
  }
  return renderBlock(environment, lines)
}

/** Whether the samples say something: a test that allocates little against the interval has few of them, or none. */
function areSitesKnown({ sites = [], samplingInterval = 1 }: HeapDigest): boolean {
  const all = sumOf(sites)
  if (all === 0) return samplingInterval === 1
  return errorOf(sites) <= all * GREATEST_ERROR
}

/** A block of lines that are there already. */
export function renderBlock(environment: Environment, lines: readonly string[]): string {
  return [environmentLine(environment), ...lines].join('\n')
}

/** The totals of a digest, in the order of a block. */
export function totalsOf({ totals }: Pick<HeapDigest, 'totals'>): [Domain, number][] {
  return DOMAINS.flatMap((domain) => {
    const bytes = totals[domain]
    return bytes === undefined ? [] : [[domain, bytes] as [Domain, number]]
  })
}

/** The sites that are worth a line: heavy ones whose size is known, heaviest first. */
export function listedSites({ sites = [] }: HeapDigest, most: number = SITES_LISTED): DigestSite[] {
  const smallest = SMALLEST_PART * sumOf(sites)
  return sites
    .filter(({ bytes, error }) => bytes > 0 && bytes >= smallest && error <= bytes * GREATEST_ERROR)
    .sort(bySize)
    .slice(0, most)
}

/** `allowed` is what somebody wrote behind the size. */
export function totalLine(
  domain: Domain,
  bytes: number,
  environment: Environment,
  allowed?: Allowed,
): string {
  return line(roundedSize(bytes, totalDigits(environment)), allowed, TOTAL_WORDS[domain])
}

/** See {@link totalLine}. */
export function siteLine(site: DigestSite, allowed?: Allowed): string {
  const { function: name, file, line: number, domain, bytes } = site
  const cells = [nameCell(name), placeCell(file, number)]
  if (domain !== 'heap') cells.push(SITE_WORDS[domain])
  return line(roundedSize(bytes, SITE_DIGITS), allowed, ...cells)
}

/**
 * See {@link totalLine}. Where the same code is to give the same text it is of no more digits than a hundredth of all has: it
 * is the sum of what was too little to be listed, and there chance is greatest.
 */
export function restLine(bytes: number, { environment, sites = [] }: HeapDigest, allowed?: Allowed): string {
  const step = environment.reproducible ? Number((sumOf(sites) / 100).toPrecision(1)) : 0
  const rounded = step > 1 ? Math.round(bytes / step) * step : bytes
  return line(roundedSize(rounded, SITE_DIGITS), allowed, REST_WORD)
}

/** All bytes of some sites. */
export function sumOf(sites: readonly DigestSite[]): number {
  return sites.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Standard error of the bytes of some sites together: errors of independent estimates add up in squares. */
export function errorOf(sites: readonly DigestSite[]): number {
  return Math.sqrt(sites.reduce((sum, { error }) => sum + error ** 2, 0))
}

/** Heaviest first; of those that are printed alike by file and function, so that chance does not decide. */
export function bySize(a: DigestSite, b: DigestSite): number {
  const order = (site: DigestSite) => Number(site.bytes.toPrecision(SITE_DIGITS))
  return (
    order(b) - order(a) ||
    byText(a.file, b.file) ||
    byText(a.function, b.function) ||
    byText(a.domain, b.domain)
  )
}

function line(size: string, allowed: Allowed | undefined, ...cells: string[]): string {
  return joinCells([size.padStart(SIZE_COLUMNS) + allowedText(allowed), ...cells])
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

import type { Domain, Site } from '../types.js'
import type { SiteSummary } from './sites.js'

/** A line that two profiles, or one at two times, have other bytes for. Bytes are estimates. */
export interface SiteDiff {
  readonly function: string
  readonly file: string
  readonly line: number
  /** Of the later one, if it has the line. */
  readonly column: number
  readonly domain: Domain
  readonly before: number
  readonly after: number
  /** `after - before`. */
  readonly change: number
  /**
   * Two standard errors of the change: of lines on which nothing has changed, 1 in 20 shows a greater one by the chance of
   * sampling.
   */
  readonly doubt: number
}

/**
 * What has changed from one list of sites to another, by `self`, the greatest change first, be it more or less. Lines are
 * the same when function, file, line and domain are.
 *
 * The samples of two profiles are independent, so that the variances add up (of one profile at two times the doubt is
 * less, as they share what is live at both): `doubt = 2 sqrt((before e₁)² + (after e₂)²)`, with
 * their relative standard errors e.
 */
export function diffSites(before: SiteSummary, after: SiteSummary): SiteDiff[] {
  const old = new Map(before.sites.map((site) => [keyOf(site), site]))
  const diffs = after.sites.map((site) => {
    const key = keyOf(site)
    const diff = diffOf(site, old.get(key), site)
    old.delete(key)
    return diff
  })
  for (const site of old.values()) diffs.push(diffOf(site, site, undefined))
  // What neither has is no change, and a sort is stable: equal changes stay in the order of the later list.
  return diffs.sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
}

function diffOf(
  { function: name, file, line, column, domain }: Site,
  before: Site | undefined,
  after: Site | undefined,
): SiteDiff {
  const [old, now] = [before?.self ?? 0, after?.self ?? 0]
  const doubt = 2 * Math.hypot(old * (before?.error ?? 0), now * (after?.error ?? 0))
  return Object.freeze({
    function: name,
    file,
    line,
    column,
    domain,
    before: old,
    after: now,
    change: now - old,
    doubt,
  })
}

function keyOf({ function: name, file, line, domain }: Site): string {
  return `${line}:${domain}:${file.length}:${file}:${name}`
}

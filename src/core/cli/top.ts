import { HeapproofError } from '../errors.js'
import { sites } from '../reduce/sites.js'
import { show } from '../text/show.js'
import { openProfile } from './open.js'
import { topJson } from './top-json.js'
import { topTable } from './top-table.js'

/** Options of `heapproof top`, as they were typed. */
export interface TopOptions {
  readonly n?: string
  readonly json?: boolean
}

/** What `heapproof top` prints: the sites of a profile as a table, or all of them as JSON. */
export function top(fileBase: string, { n, json }: TopOptions): string {
  const count = n === undefined ? 20 : countOf(n)
  using profile = openProfile(fileBase)
  const summary = sites(profile)
  if (json !== true) return topTable(profile, summary, count === 0 ? Number.POSITIVE_INFINITY : count)
  return topJson(profile, n === undefined || count === 0 ? summary.sites : summary.sites.slice(0, count))
}

/** A number of lines as it was typed. @throws HeapproofError `invalid-argument`. */
export function countOf(typed: string): number {
  if (/^\d{1,9}$/.test(typed)) return Number(typed)
  throw new HeapproofError(
    'invalid-argument',
    `-n must be a whole number, 0 for all, received ${show(typed)}`,
  )
}

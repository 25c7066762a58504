import { errorOf, sumOf, totalsOf } from './render.js'
import { slackOfSites, slackOfTotal } from './tolerance.js'
import {
  type Allowed,
  type DigestSite,
  type HeapDigest,
  type StoredBlock,
  type StoredLine,
  type StoredTotal,
  siteKey,
} from './types.js'

/** What became of a line. */
export type Verdict = 'same' | 'grew' | 'smaller'

/** A line of a snapshot, and what was measured for it. */
export interface Change {
  /** Without text when it is a domain that is not stored. */
  readonly line: StoredLine
  readonly verdict: Verdict
  /** Bytes that were measured. */
  readonly now: number
  /** Bytes by which it may differ from what is stored. */
  readonly slack: number
}

/** A snapshot and a digest, side by side. */
export interface Comparison {
  /** `grew` when any line did: growth is not made up for by what shrank elsewhere. */
  readonly verdict: Verdict
  /** A change for each line, in their order; lines that nothing was measured for are left out. */
  readonly changes: readonly Change[]
  /** Sites that have no line of their own, heaviest first. */
  readonly unlisted: readonly DigestSite[]
}

/**
 * Compares a digest with what is stored of the same environment. Sites are found by domain, file and function; what has no
 * line of its own counts for the last line, so that all bytes are compared, each once.
 */
export function matchDigest(
  stored: StoredBlock,
  digest: HeapDigest,
  tolerance: Allowed | undefined,
): Comparison {
  const { sites = [] } = digest
  const byKey = new Map(sites.map((site) => [siteKey(site), site]))
  const all = sumOf(sites)
  const listed = new Set<string>()
  for (const line of stored.lines) if (line.kind === 'site') listed.add(siteKey(line))
  const unlisted = sites.filter((site) => !listed.has(siteKey(site)))

  const totals = new Map(totalsOf(digest))
  const changes: Change[] = []
  for (const line of stored.lines) {
    if (line.kind === 'total') {
      const now = totals.get(line.domain)
      if (now !== undefined) changes.push(changeOf(line, now, slackOfTotal(line, digest, tolerance)))
      totals.delete(line.domain)
    } else if (digest.sites !== undefined) {
      const measured =
        line.kind === 'rest' ? unlisted : [byKey.get(siteKey(line))].filter((site) => site !== undefined)
      const error = errorOf(measured)
      changes.push(changeOf(line, sumOf(measured), slackOfSites(line, { error, all }, digest, tolerance)))
    }
  }
  // A domain that is not stored had nothing.
  for (const [domain, now] of totals) {
    const line: StoredTotal = { kind: 'total', domain, bytes: 0, allowed: undefined, text: '', number: 0 }
    changes.push(changeOf(line, now, slackOfTotal(line, digest, tolerance)))
  }
  const has = (verdict: Verdict) => changes.some((change) => change.verdict === verdict)
  return { verdict: has('grew') ? 'grew' : has('smaller') ? 'smaller' : 'same', changes, unlisted }
}

function changeOf(line: Change['line'], now: number, slack: number): Change {
  const verdict = now > line.bytes + slack ? 'grew' : now < line.bytes - slack ? 'smaller' : 'same'
  return { line, verdict, now, slack }
}

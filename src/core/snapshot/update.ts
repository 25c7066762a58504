import type { Comparison } from './match.js'
import {
  errorOf,
  listedSites,
  renderBlock,
  renderDigest,
  restLine,
  siteLine,
  sumOf,
  totalLine,
} from './render.js'
import { slackOfSites } from './tolerance.js'
import { type Allowed, type DigestSite, type HeapDigest, type StoredBlock, siteKey } from './types.js'

/** A line of a site in the block to be. */
interface Placed {
  readonly text: string
  readonly bytes: number
}

/**
 * The block to be stored for a digest. Lines within their tolerance stay as they are; the others are written anew, with
 * what was allowed by hand. Sites are listed that were not only when there is more elsewhere than before.
 */
export function updatedBlock(
  stored: StoredBlock | undefined,
  digest: HeapDigest,
  comparison: Comparison | undefined,
  settings: { readonly sites: number; readonly tolerance: Allowed | undefined },
): string {
  if (stored === undefined || comparison === undefined) return renderDigest(digest, settings.sites)
  const totals: string[] = []
  const sites: Placed[] = []
  const known = new Set<string>()
  const byKey = new Map((digest.sites ?? []).map((site) => [siteKey(site), site]))
  const worthALine = new Set(listedSites(digest, Number.POSITIVE_INFINITY).map(siteKey))
  let restChanged = false
  for (const { line, verdict, now } of comparison.changes) {
    if (line.kind === 'total') {
      if (line.text === '' && verdict === 'same') continue
      totals.push(
        verdict === 'same' ? line.text : totalLine(line.domain, now, digest.environment, line.allowed),
      )
    } else if (line.kind === 'rest') {
      restChanged = verdict !== 'same'
    } else {
      const key = siteKey(line)
      if (verdict !== 'same' && !worthALine.has(key)) continue
      known.add(key)
      if (verdict === 'same') sites.push(line)
      else sites.push(placed(byKey.get(key) as DigestSite, line.allowed))
    }
  }
  if (digest.sites === undefined) {
    const others = stored.lines.filter(({ kind }) => kind !== 'total').map(({ text }) => text)
    return renderBlock(stored.environment, [...totals, ...others])
  }
  if (restChanged) {
    for (const site of listedSites(digest, settings.sites)) {
      const key = siteKey(site)
      if (known.has(key) || sites.length >= settings.sites) continue
      known.add(key)
      sites.push(placed(site))
    }
  }
  const rest = restOf(stored, digest, known, settings.tolerance)
  const heaviestFirst = sites.sort((a, b) => b.bytes - a.bytes).map(({ text }) => text)
  return renderBlock(stored.environment, [...totals, ...heaviestFirst, ...rest])
}

function placed(site: DigestSite, allowed?: Allowed): Placed {
  return { text: siteLine(site, allowed), bytes: site.bytes }
}

/** The last line; as it is stored, unless that is no longer true of what has no line of its own now. */
function restOf(
  stored: StoredBlock,
  digest: HeapDigest,
  known: ReadonlySet<string>,
  tolerance: Allowed | undefined,
): string[] {
  const line = stored.lines.find((each) => each.kind === 'rest')
  if (line === undefined) return []
  const { sites = [] } = digest
  const unlisted = sites.filter((site) => !known.has(siteKey(site)))
  const now = sumOf(unlisted)
  const error = errorOf(unlisted)
  const slack = slackOfSites(line, { error, all: sumOf(sites) }, digest, tolerance)
  return [Math.abs(now - line.bytes) <= slack ? line.text : restLine(now, digest, line.allowed)]
}

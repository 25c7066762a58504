import { renderBlocks, withBlock } from './apply.js'
import { compareEnvironments } from './environment.js'
import type { Outcome } from './log.js'
import { type Comparison, matchDigest } from './match.js'
import type { SnapshotSettings } from './options.js'
import { parseSnapshot } from './parse.js'
import type { HeapDigest, StoredBlock } from './types.js'
import { updatedBlock } from './update.js'

/** What is to be done about a snapshot, as far as it does not depend on what the runner may write. */
export interface Decision {
  readonly outcome: Outcome
  /** The block that would be stored. */
  readonly block: string
  /** The whole text, with that block in it. */
  readonly text: string
  /** Undefined when there is nothing to compare with. */
  readonly comparison: Comparison | undefined
}

/**
 * Compares a digest with the text of a snapshot.
 *
 * @param stored undefined when there is none yet
 * @param what names the snapshot in errors
 * @throws HeapproofError `damaged-snapshot`.
 */
export function decide(
  stored: string | undefined,
  digest: HeapDigest,
  settings: Pick<SnapshotSettings, 'tolerance' | 'sites' | 'environments'>,
  what: string,
): Decision {
  const blocks = parseSnapshot(stored ?? '', what)
  const own = blocks.find(({ environment }) => compareEnvironments(environment, digest.environment) === 0)
  const comparison = own && matchDigest(own, digest, settings.tolerance)
  const block = updatedBlock(own, digest, comparison, settings)
  const isFirst = settings.environments === 'first' && own === undefined
  const others = isFirst ? [] : blocks
  const text = renderBlocks(withBlock(others, parseSnapshot(block, what)[0] as StoredBlock))
  return { outcome: outcomeOf(comparison, isFirst && blocks.length > 0), block, text, comparison }
}

function outcomeOf(comparison: Comparison | undefined, isElsewhere: boolean): Outcome {
  return comparison?.verdict ?? (isElsewhere ? 'not-comparable' : 'new')
}

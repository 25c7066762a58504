import { join } from 'node:path'
import type { TryResult } from '../bracket/run-try.js'
import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'
import { digestOfTest } from './capture.js'
import type { SnapshotContext } from './context.js'
import { decide } from './decide.js'
import { StoredSnapshot } from './runner-state.js'
import { missingTestSentence, testSentence } from './sentence.js'
import { settle } from './settle.js'

/** Tells the snapshot of a whole test from those that the test asks for. */
const HINT = 'heap of the test'

/**
 * Compares what the whole body of a test allocated with its snapshot.
 *
 * @param tried what was measured of it; undefined when the test failed: then its snapshot is only kept
 * @returns the error of the test, or undefined: `snapshot-mismatch`, `damaged-snapshot`
 */
export function matchTest(
  tried: Pick<TryResult, 'record' | 'lines'> | undefined,
  context: SnapshotContext,
  where: { readonly root: string; readonly cwd: string },
): HeapproofError | undefined {
  const asked = context.ask(HINT)
  if (asked === undefined) return undefined
  const snapshot = new StoredSnapshot(asked)
  snapshot.keep()
  // What overlapped with other tests is not known, and says nothing.
  const digest = tried && digestOfTest(tried, context.environment, where.root)
  if (tried === undefined || digest === undefined) return undefined
  try {
    const decision = decide(snapshot.text, digest, context.settings, `snapshot ${show(snapshot.key)}`)
    const { key } = snapshot
    if (settle(snapshot, decision, digest, context, where.root)) return undefined
    const { comparison, block } = decision
    const base = tried.record.profile
    const profile = base === undefined ? undefined : join(where.root, base)
    return new HeapproofError(
      'snapshot-mismatch',
      comparison === undefined
        ? missingTestSentence(key, block)
        : testSentence({ key, digest, comparison, profile }, where),
    )
  } catch (error) {
    if (error instanceof HeapproofError) return error
    throw error
  }
}

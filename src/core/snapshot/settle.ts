import type { SnapshotContext } from './context.js'
import type { Decision } from './decide.js'
import { portablePath } from './log.js'
import type { StoredSnapshot } from './runner-state.js'
import type { HeapDigest } from './types.js'

/**
 * Hands a decision to the runner, and what was measured to the log.
 *
 * | outcome        | the runner gets                                  | so that                                            |
 * | -------------- | ------------------------------------------------ | -------------------------------------------------- |
 * | same           | the stored text                                  | it counts as matched, and not a byte changes       |
 * | grew           | the text with what changed                       | it fails, or is updated with -u                    |
 * | smaller        | the same with -u or `ratchet`, else the stored   | it fails only with `ratchet`, and -u updates it    |
 * | new            | the text with a block more                       | it is written, except where nothing may be written |
 * | not-comparable | the stored text; with -u the text of its own     | it never fails, and -u moves it to this environment |
 *
 * @returns whether the assertion holds
 */
export function settle(
  snapshot: StoredSnapshot,
  decision: Decision,
  digest: HeapDigest,
  context: SnapshotContext,
  root: string,
): boolean {
  const { outcome, block } = decision
  const { key, path } = snapshot
  const holds = handOver(snapshot, decision, context.settings.ratchet)
  const inline = snapshot.position(context.testFile)
  const testFile = portablePath(root, context.testFile)
  context.log.add({
    version: 1,
    testFile,
    test: context.testName,
    snapshotFile: path === undefined ? testFile : portablePath(root, path),
    key,
    ...(inline && { inline }),
    outcome,
    block,
    digest,
  })
  return holds
}

function handOver(snapshot: StoredSnapshot, { outcome, text }: Decision, ratchet: boolean): boolean {
  const { mode, text: stored } = snapshot
  if (stored === undefined) return snapshot.settle(text)
  if (outcome === 'new') return mode === 'none' ? snapshot.settle(stored) : snapshot.settle(text, true)
  const keeps =
    outcome === 'same' ||
    (outcome === 'smaller' && mode !== 'all' && !ratchet) ||
    (outcome === 'not-comparable' && mode !== 'all')
  return snapshot.settle(keeps ? stored : text)
}

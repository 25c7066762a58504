import type { MatcherResult } from '../core/expect/matcher.js'
import type { MatcherName } from '../core/expect/matcher-names.js'
import { matchers } from '../core/expect/matchers.js'
import type { ProfileKeeper } from '../core/expect/profiles.js'
import { unmeasured } from '../core/expect/unmeasured.js'
import type { Vitest } from './bracket/internals.js'
import { type HeapSnapshots, heapSnapshots } from './snapshots.js'
import { countUnawaited } from './unawaited.js'
import { currentTask, type Provided, sourceMapOf, type Task } from './worker.js'

/** What the matchers of a test file are made with. */
export interface Given {
  readonly expect: Vitest['expect']
  readonly provided: Provided
  readonly keeper: ProfileKeeper
  /** Undefined: not made yet. */
  readonly snapshotsOf: HeapSnapshots | undefined
}

/** What Vitest knows when it calls a matcher. */
interface MatcherState {
  readonly isNot: boolean
  readonly promise?: string
  readonly testPath?: string
  readonly currentTestName?: string
}

type Result = MatcherResult | Promise<MatcherResult>

/** The matchers of a test file, for functions that Vitest calls to hand on what they are called with. */
export function matchersOf(
  given: Given,
): Record<MatcherName, (state: MatcherState, received: unknown, written: unknown[]) => Result> {
  const { expect, provided, keeper } = given
  const { root, cwd } = provided
  const { snapshotsOf = heapSnapshots(expect, provided, expect.getState().testPath ?? '') } = given
  const made = Object.entries(matchers).map(([name, matcher]) => [
    name,
    (state: MatcherState, received: unknown, written: unknown[]) => {
      const { isNot, promise, testPath = '', currentTestName = '' } = state
      const keepAt = () => keeper.fileBase(testPath, currentTestName)
      const { task = currentTask(), snapshotState } = state as { task?: Task; snapshotState?: unknown }
      const snapshot = snapshotsOf(task, snapshotState)
      const context = { isNot, promise, root, cwd, keepAt, resolve: sourceMapOf, snapshot }
      const result = provided.available
        ? matcher(context, received, ...written)
        : unmeasured(name, context, received, written)
      return 'then' in result ? countUnawaited(result, task) : result
    },
  ])
  return Object.fromEntries(made)
}

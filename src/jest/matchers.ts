import { HeapproofError } from '../core/errors.js'
import type { MatcherResult } from '../core/expect/matcher.js'
import type { MatcherName } from '../core/expect/matcher-names.js'
import { matchers } from '../core/expect/matchers.js'
import { ProfileKeeper } from '../core/expect/profiles.js'
import { unmeasured } from '../core/expect/unmeasured.js'
import type { JestGlobals } from './globals.js'
import type { Handed } from './realm.js'
import { type ExpectState, snapshotsOf, snapshotsWithoutRunner } from './snapshots.js'
import { awaitedOrNot } from './unawaited.js'

export { prepare } from '../core/measure/prepare.js'

/** What Jest knows when it calls a matcher. */
export interface MatcherState extends ExpectState {
  readonly isNot: boolean
  readonly promise?: string
  readonly testPath?: string
}

/** What functions that Jest calls hand on, with what they are called with. */
export type JestMatchers = Record<
  MatcherName,
  (state: MatcherState, received: unknown, given: unknown[]) => MatcherResult | Promise<MatcherResult>
>

/** The matchers of a test file. `runner` is undefined where our test runner is not at work. */
export function matchersOf(expect: JestGlobals['expect'], runner: Handed | undefined): JestMatchers {
  const root = runner?.root ?? process.cwd()
  const { cwd = root, resolve } = runner ?? {}
  const fileBase = runner ? inThisRealm(runner.fileBase) : fileBasesIn(root)
  const snapshots = runner?.snapshots ?? snapshotsWithoutRunner(root, expect.getState().testPath ?? '')
  const made = Object.entries(matchers).map(([name, matcher]) => [
    name,
    (state: MatcherState, received: unknown, given: unknown[]) => {
      const { isNot, promise, testPath = '', currentTestName = '' } = state
      const keepAt = () => fileBase(testPath, currentTestName)
      const snapshot = snapshotsOf(snapshots, state)
      const context = { isNot, promise, root, cwd, keepAt, snapshot, ...(resolve && { resolve }) }
      const result =
        runner?.available === false
          ? unmeasured(name, context, received, given)
          : matcher(context, received, ...given)
      return 'then' in result ? awaitedOrNot(result) : result
    },
  ])
  return Object.fromEntries(made)
}

function fileBasesIn(root: string): Handed['fileBase'] {
  const keeper = new ProfileKeeper(root)
  return (file, name) => keeper.fileBase(file, name)
}

/** Errors of Jest's realm are no `Error` to the tests. */
function inThisRealm<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return fn(...args)
    } catch (error) {
      const { code, message } = error as HeapproofError
      throw new HeapproofError(code, message)
    }
  }
}

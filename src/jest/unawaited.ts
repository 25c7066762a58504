import type { MatcherResult } from '../core/expect/matcher.js'
import { countUnawaited } from '../core/expect/unawaited.js'
import { jestGlobals } from './globals.js'

const KEY = Symbol.for('heapproof.unawaited')

/** Those of the test that runs; concurrent tests have theirs in common. One for all copies of us in this realm. */
type Waiting = Set<Promise<void>>

const realm = globalThis as { [KEY]?: Waiting }

/** Makes an assertion that nobody awaits fail its own test. */
export function awaitedOrNot(result: Promise<MatcherResult>): Promise<MatcherResult> {
  return countUnawaited(result, (twin) => realm[KEY]?.add(twin))
}

/** Has each test wait for its assertions at its end. For a set-up file: inside a test Jest takes no hooks. */
export function waitAfterEach(): void {
  if (realm[KEY] !== undefined) return
  const waiting: Waiting = new Set()
  try {
    jestGlobals().afterEach(() => {
      if (waiting.size === 0) return undefined
      const all = [...waiting]
      waiting.clear()
      return Promise.allSettled(all).then(() => Promise.all(all))
    })
    realm[KEY] = waiting
  } catch {
    // Loaded by a test, without a set-up file.
  }
}

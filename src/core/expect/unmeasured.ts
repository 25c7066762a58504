import { isThenable } from '../measure/drive.js'
import { checkFunction } from '../measure/options.js'
import { replayHeapSnapshot } from '../snapshot/match-heap.js'
import type { MatcherContext, MatcherResult } from './matcher.js'

/**
 * What stands in for every matcher where there is no addon and the tests are to run all the same: it calls the function,
 * since the test may count on that, and holds.
 */
export function unmeasured(
  name: string,
  context: MatcherContext,
  received: unknown,
  given: readonly unknown[] = [],
): MatcherResult | Promise<MatcherResult> {
  checkFunction(name, received)
  const result: MatcherResult = { pass: !context.isNot, message: () => `${name}: nothing is measured here` }
  if (name === 'toMatchHeapSnapshot') replayHeapSnapshot(given, context)
  const returned = received()
  return isThenable(returned) ? Promise.resolve(returned).then(() => result) : result
}

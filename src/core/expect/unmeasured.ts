import { isThenable } from '../measure/drive.js'
import { checkFunction } from '../measure/options.js'
import type { MatcherContext, MatcherResult } from './matcher.js'

/**
 * What stands in for every matcher where there is no addon and the tests are to run all the same: it calls the function,
 * since the test may count on that, and holds.
 */
export function unmeasured(
  name: string,
  { isNot }: MatcherContext,
  received: unknown,
): MatcherResult | Promise<MatcherResult> {
  checkFunction(name, received)
  const result: MatcherResult = { pass: !isNot, message: () => `${name}: nothing is measured here` }
  const returned = received()
  return isThenable(returned) ? Promise.resolve(returned).then(() => result) : result
}

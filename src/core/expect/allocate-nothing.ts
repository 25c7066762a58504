import type { Instruments } from '../measure/instruments.js'
import { told } from './allocate-less-than.js'
import { checkReceived, type MatcherContext, type MatcherResult } from './matcher.js'
import { checkNothingOptions, domainsOf, type NothingOptions } from './options.js'

const NAME = 'toAllocateNothing'
const WARM_UP = 10
const RUNS = 10

/**
 * The matcher: whether a call of `received` allocates no byte at all, once its code is compiled. It is called ten times
 * without being counted, and then up to ten times until one call reads 0 bytes. A promise exactly when `received` returns
 * one; what waiting costs is taken off.
 *
 * Code that V8 has not optimised yet allocates boxes for numbers and contexts for closures: a function that should be free
 * of these only when it is hot needs a longer `warmup`.
 *
 * @throws HeapproofError the same codes as `toAllocateLessThan`.
 */
export function allocateNothing(
  received: unknown,
  options: NothingOptions | undefined,
  context: MatcherContext,
  tools?: Instruments,
): MatcherResult | Promise<MatcherResult> {
  checkReceived(NAME, received, context.promise)
  const given = checkNothingOptions(NAME, options)
  const budget = {
    matcher: NAME,
    limit: { bytes: 1, family: 'bytes' },
    options: { ...given, warmup: given.warmup ?? WARM_UP, runs: given.runs ?? RUNS },
    domains: domainsOf(given.domain),
    isIgnored: undefined,
    isNot: context.isNot,
    keepAt: context.keepAt,
  } as const
  return told(received, budget, [], context, tools)
}

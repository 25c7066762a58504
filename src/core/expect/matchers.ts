import type { Size } from '../text/bytes.js'
import { allocateLessThan } from './allocate-less-than.js'
import { allocateNothing } from './allocate-nothing.js'
import type { MatcherContext, MatcherResult } from './matcher.js'
import type { AllocateOptions, NothingOptions, PeakOptions, RetainOptions } from './options.js'
import { peakBelow } from './peak-below.js'
import { retainLessThan } from './retain-less-than.js'

/** A matcher as a runner registers it: what it knows, what `expect` was given, and what stood between the parentheses. */
export type Matcher = (
  context: MatcherContext,
  received: unknown,
  ...given: unknown[]
) => MatcherResult | Promise<MatcherResult>

/** All matchers by name. Both runners register these and nothing else, so that they say the same. */
export const matchers: Readonly<Record<string, Matcher>> = {
  toAllocateLessThan: (context, received, limit, options) =>
    allocateLessThan(received, limit as Size, options as AllocateOptions, context),
  toAllocateNothing: (context, received, options) =>
    allocateNothing(received, options as NothingOptions, context),
  toRetainLessThan: (context, received, limit, options) =>
    retainLessThan(received, limit as Size, options as RetainOptions, context),
  toPeakBelow: (context, received, limit, options) =>
    peakBelow(received, limit as Size, options as PeakOptions, context),
}

import { matchHeapSnapshot, matchInlineHeapSnapshot } from '../snapshot/match-heap.js'
import type { Size } from '../text/bytes.js'
import { allocateLessThan } from './allocate-less-than.js'
import { allocateNothing } from './allocate-nothing.js'
import type { MatcherContext, MatcherResult } from './matcher.js'
import type { MatcherName } from './matcher-names.js'
import type { AllocateOptions, NothingOptions, PeakOptions, RetainOptions } from './options.js'
import { peakBelow } from './peak-below.js'
import { retainLessThan } from './retain-less-than.js'

/** Runners say nothing at all where there is no `.not`. */
type RunnerContext = Omit<MatcherContext, 'isNot'> & { readonly isNot: boolean | undefined }

/** A matcher as a runner registers it: what it knows, what `expect` was given, and what stood between the parentheses. */
export type Matcher = (
  context: RunnerContext,
  received: unknown,
  ...given: unknown[]
) => MatcherResult | Promise<MatcherResult>

/** All matchers by name. Both runners register these and nothing else, so that they say the same. */
export const matchers: Readonly<Record<MatcherName, Matcher>> = {
  toAllocateLessThan: (context, received, limit, options) =>
    allocateLessThan(received, limit as Size, options as AllocateOptions, from(context)),
  toAllocateNothing: (context, received, options) =>
    allocateNothing(received, options as NothingOptions, from(context)),
  toRetainLessThan: (context, received, limit, options) =>
    retainLessThan(received, limit as Size, options as RetainOptions, from(context)),
  toPeakBelow: (context, received, limit, options) =>
    peakBelow(received, limit as Size, options as PeakOptions, from(context)),
  toMatchHeapSnapshot: (context, received, ...given) => matchHeapSnapshot(received, given, from(context)),
  toMatchInlineHeapSnapshot: (context, received, ...given) =>
    matchInlineHeapSnapshot(received, given, from(context)),
}

function from(context: RunnerContext): MatcherContext {
  return { ...context, isNot: context.isNot === true }
}

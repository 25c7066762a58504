/** The matchers that both runners register, without what they do: that is loaded when a test calls one. */
export const MATCHERS = [
  'toAllocateLessThan',
  'toAllocateNothing',
  'toRetainLessThan',
  'toPeakBelow',
  'toMatchHeapSnapshot',
  'toMatchInlineHeapSnapshot',
] as const

export type MatcherName = (typeof MATCHERS)[number]

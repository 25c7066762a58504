import type { At, ProfileView } from '../export/view.js'
import type { ViewTrace } from '../export/view-traces.js'
import { type FlameBytes, type FlameTree, flameTree } from './flame-tree.js'

/** Which bytes the boxes are made of. */
export type FlameValue = (typeof FLAME_VALUES)[number]

export const FLAME_VALUES = ['live', 'allocated', 'retained', 'temporary'] as const

/** Bytes by stack: estimates, in the measure of the exact counters. */
export interface FlameGraph extends FlameTree, FlameBytes {
  readonly value: FlameValue
  /** Seconds from the start; 0 without `from`. */
  readonly from: number
  /** What `at` was asked for; of a snapshot its time. */
  readonly at: At
  /** Seconds from the start that `at` stands for. */
  readonly time: number
}

/** The flame graph of a view that was made of the span from `from`. */
export function flameGraphOf(view: ProfileView, value: FlameValue, from = 0): FlameGraph {
  const { tree, traces, at, time } = view
  const self = new Float64Array(tree.parents.length)
  for (const trace of traces) self[trace.node] = (self[trace.node] as number) + bytesOf(trace, value)
  const { tree: drawn, bytes } = flameTree(tree, [self])
  return Object.freeze({ ...drawn, ...(bytes[0] as FlameBytes), value, from, at, time })
}

function bytesOf({ allocated, live }: ViewTrace, value: FlameValue): number {
  if (value === 'allocated') return allocated.bytes
  return value === 'temporary' ? Math.max(0, allocated.bytes - live.bytes) : live.bytes
}

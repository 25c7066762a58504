import type { Data } from './data.js'
import type { Compared, Sums } from './sums.js'
import { isOuter, type Stacks } from './trees.js'

/** A line of a function, and what it has. */
export interface LineRow {
  readonly frame: number
  /** Bytes of the traces that are charged to it, and of those that go through it. */
  readonly self: number
  readonly total: number
  /** The same, before; 0 when nothing is compared. */
  readonly selfBefore: number
  readonly totalBefore: number
  readonly allocations: number
  /** Standard error of `self`, in bytes; of the difference, when something is compared. */
  readonly error: number
}

/**
 * All lines with bytes. Each trace is charged to the frame closest to the leaf that is of the user or of a dependency, and
 * counts once for each line that it goes through, however often it recurs: as `sites()` does it.
 */
export function linesOf(data: Data, stacks: Stacks, { after, before }: Compared): LineRow[] {
  const frames = data.stacks.frameNames.length
  const column = () => new Float64Array(frames)
  const [self, total, selfBefore, totalBefore] = [column(), column(), column(), column()]
  const [allocations, variance] = [column(), column()]
  const seen = new Int32Array(frames).fill(-1)
  for (let trace = 0; trace < data.traceCount; trace++) {
    const bytes = after.bytes[trace] as number
    const old = before === undefined ? 0 : (before.bytes[trace] as number)
    if (bytes === 0 && old === 0) continue
    const leaf = stacks.traceNodes[trace] as number
    const site = siteOf(data, stacks, leaf)
    add(self, site, bytes)
    add(selfBefore, site, old)
    add(allocations, site, after.allocations[trace] as number)
    add(variance, site, (after.variance[trace] as number) + (before?.variance[trace] ?? 0))
    for (let node = leaf; node !== 0; node = stacks.parents[node] as number) {
      const frame = stacks.frames[node] as number
      if (seen[frame] === trace || !(frame === site || isOuter(data, frame))) continue
      seen[frame] = trace
      add(total, frame, bytes)
      add(totalBefore, frame, old)
    }
  }
  const rows: LineRow[] = []
  for (let frame = 0; frame < frames; frame++) {
    if (total[frame] === 0 && totalBefore[frame] === 0) continue
    rows.push({
      frame,
      self: self[frame] as number,
      total: total[frame] as number,
      selfBefore: selfBefore[frame] as number,
      totalBefore: totalBefore[frame] as number,
      allocations: allocations[frame] as number,
      error: Math.sqrt(variance[frame] as number),
    })
  }
  return rows
}

/** The frame that a stack is charged to. */
export function siteOf(data: Data, { frames, parents }: Stacks, leaf: number): number {
  for (let node = leaf; node !== 0; node = parents[node] as number) {
    const frame = frames[node] as number
    if (isOuter(data, frame)) return frame
  }
  return frames[leaf] as number
}

/** Bytes of all traces, and their standard error in bytes. */
export function sumOf({ bytes, allocations, variance }: Sums): {
  bytes: number
  allocations: number
  error: number
} {
  return { bytes: sum(bytes), allocations: sum(allocations), error: Math.sqrt(sum(variance)) }
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0)
}

function add(column: Float64Array, index: number, value: number): void {
  column[index] = (column[index] as number) + value
}

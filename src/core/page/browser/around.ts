import type { StackData } from './data.js'
import type { ComparedBytes } from './sums.js'
import type { Stacks } from './trees.js'

/** A line that calls another one, or is called by it. */
export interface Neighbour {
  /** -1: nothing calls it, or it allocates itself. */
  readonly frame: number
  readonly bytes: number
  readonly before: number
}

/** What is around a line. Bytes are of traces that go through it, each once. */
export interface Surroundings {
  readonly total: number
  readonly totalBefore: number
  readonly callers: readonly Neighbour[]
  readonly callees: readonly Neighbour[]
}

/** Where a line is called from and what it calls. Of a line that recurs, callers are of the outermost call, callees of the innermost. */
export function around(
  { traceCount }: StackData,
  stacks: Stacks,
  { after, before }: ComparedBytes,
  frame: number,
): Surroundings {
  const callers = new Neighbours()
  const callees = new Neighbours()
  let total = 0
  let totalBefore = 0
  for (let trace = 0; trace < traceCount; trace++) {
    const bytes = after.bytes[trace] as number
    const old = before?.bytes[trace] ?? 0
    if (bytes === 0 && old === 0) continue
    let callee = -1
    let innermost: number | undefined
    let outermost = -1
    for (let node = stacks.traceNodes[trace] as number; node !== 0; node = stacks.parents[node] as number) {
      const here = stacks.frames[node] as number
      if (here === frame) {
        innermost ??= callee
        const parent = stacks.parents[node] as number
        outermost = parent === 0 ? -1 : (stacks.frames[parent] as number)
      }
      callee = here
    }
    if (innermost === undefined) continue
    total += bytes
    totalBefore += old
    callers.add(outermost, bytes, old)
    callees.add(innermost, bytes, old)
  }
  return { total, totalBefore, callers: callers.list(), callees: callees.list() }
}

class Neighbours {
  readonly #sums = new Map<number, { bytes: number; before: number }>()

  add(frame: number, bytes: number, before: number): void {
    const sum = this.#sums.get(frame) ?? { bytes: 0, before: 0 }
    sum.bytes += bytes
    sum.before += before
    this.#sums.set(frame, sum)
  }

  list(): Neighbour[] {
    const list = Array.from(this.#sums, ([frame, sums]) => ({ frame, ...sums }))
    return list.sort((a, b) => Math.max(b.bytes, b.before) - Math.max(a.bytes, a.before))
  }
}

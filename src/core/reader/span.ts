import { ALLOCATION, BYTE, nearestUnits } from '../format/amount.js'
import { EVENT, type EventCursor } from '../format/cursor.js'
import { DOMAINS, type Trace } from '../types.js'
import type { KnownTraces } from './known-traces.js'

/** What was allocated in a span of time. Bytes and allocations are estimates. */
export interface SpanSums {
  /** Bytes allocated in the span. */
  readonly allocated: number
  /** Bytes of it that were not freed by the end of the span. */
  readonly live: number
  /** Bytes of it that were. */
  readonly temporary: number
  /** How many were allocated. */
  readonly allocations: number
  /** Number of samples the estimates rest on. */
  readonly samples: number
}

export interface SpanTrace extends SpanSums {
  readonly trace: Trace
}

export interface Span extends SpanSums {
  /** Most bytes allocated first. */
  readonly traces: readonly SpanTrace[]
}

/** `from` and `to` in microseconds: what happened after `from`, up to `to`. */
export function spanOf(
  cursor: EventCursor,
  { from, to }: { readonly from: number; readonly to: number },
  factors: readonly number[],
  traces: KnownTraces,
): Span {
  const sums = new Map<number, Sums>()
  while (cursor.next()) {
    if (cursor.kind > EVENT.free || cursor.time > to) continue
    const born = cursor.kind === EVENT.alloc ? cursor.time : cursor.time - cursor.age
    if (born <= from || traces.isOwn(cursor.trace)) continue
    let sum = sums.get(cursor.trace)
    if (sum === undefined) {
      sum = new Sums()
      sums.set(cursor.trace, sum)
    }
    const bytes = nearestUnits(cursor.size * cursor.scale * BYTE)
    if (cursor.kind === EVENT.alloc) {
      sum.allocated += bytes
      sum.allocations += nearestUnits(cursor.scale * ALLOCATION)
      sum.samples++
    } else {
      sum.temporary += bytes
    }
  }
  const list = Array.from(sums, ([index, sum]) => {
    const trace = traces.at(index)
    return Object.freeze({ trace, ...sum.times(factors[DOMAINS.indexOf(trace.domain)] as number) })
  })
  list.sort((a, b) => b.allocated - a.allocated || a.trace.index - b.trace.index)
  return Object.freeze({ ...totalOf(list), traces: Object.freeze(list) })
}

/** In units. */
class Sums {
  allocated = 0
  temporary = 0
  allocations = 0
  samples = 0

  times(factor: number): SpanSums {
    const [allocated, temporary] = [this.allocated / BYTE, this.temporary / BYTE]
    const allocations = this.allocations / ALLOCATION
    const { samples } = this
    return {
      allocated: allocated * factor,
      live: Math.max(0, allocated - temporary) * factor,
      temporary: temporary * factor,
      allocations: allocations * factor,
      samples,
    }
  }
}

function totalOf(list: readonly SpanSums[]): SpanSums {
  const total = (column: keyof SpanSums): number => list.reduce((sum, entry) => sum + entry[column], 0)
  return {
    allocated: total('allocated'),
    live: total('live'),
    temporary: total('temporary'),
    allocations: total('allocations'),
    samples: total('samples'),
  }
}

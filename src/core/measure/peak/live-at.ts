import { EVENT } from '../../format/cursor.js'
import type { Reader } from '../../reader.js'
import { TraceSum } from '../../reduce/trace-sum.js'
import { Snapshot, type SnapshotTrace } from '../../tracemalloc/snapshot.js'

/** What was live at a time of a recording, by every event up to it. One walk through the events. */
export function liveAt(reader: Reader, seconds: number): Snapshot {
  const sums = new Map<number, { sum: TraceSum; allocations: number }>()
  const cursor = reader.cursor()
  const end = seconds * 1e6
  while (cursor.next()) {
    if (cursor.kind > EVENT.free) continue
    if (cursor.time > end) continue // not the end of the walk: threads may be late
    const { trace, size, scale } = cursor
    let entry = sums.get(trace)
    if (entry === undefined) {
      entry = { sum: new TraceSum(trace), allocations: 0 }
      sums.set(trace, entry)
    }
    if (cursor.kind === EVENT.alloc) entry.sum.alloc(size, scale)
    else entry.sum.free(size, scale)
    entry.allocations += cursor.kind === EVENT.alloc ? scale : -scale
  }
  const traces: SnapshotTrace[] = []
  for (const [index, { sum, allocations }] of sums) {
    const samples = sum.samples - sum.frees
    if (samples > 0) traces.push({ trace: reader.trace(index), bytes: sum.live, allocations, samples })
  }
  const { sampling = { interval: 0 }, stackDepth = 0 } = reader.header ?? {}
  return new Snapshot({ traces, time: seconds, sampling, tracebackLimit: stackDepth })
}

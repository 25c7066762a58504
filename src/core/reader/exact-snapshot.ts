import { usageOf } from '../export/usage.js'
import type { Reader } from '../reader.js'
import { Snapshot, type SnapshotTrace } from '../tracemalloc/snapshot.js'

/**
 * What is live at a time by every event up to it: `snapshotAt()` knows the times of the digest only.
 *
 * Cost: one walk through the events, and another one for `'peak'` the first time.
 *
 * @throws HeapproofError `damaged-profile`.
 */
export function exactSnapshot(reader: Reader, at: number | 'peak' | 'end'): Snapshot {
  const until = at === 'end' ? Number.POSITIVE_INFINITY : at === 'peak' ? reader.peak().time : at
  const live = new Map<number, { bytes: number; allocations: number; samples: number }>()
  for (const usage of usageOf(reader, { until: Math.round(until * 1e6) }).usages) {
    const samples = usage.samples - usage.frees
    if (samples <= 0) continue
    const sum = live.get(usage.trace) ?? { bytes: 0, allocations: 0, samples: 0 }
    sum.bytes += usage.live
    sum.allocations += usage.liveAllocations
    sum.samples += samples
    live.set(usage.trace, sum)
  }
  const traces = Array.from(live, ([trace, sum]): SnapshotTrace => ({ trace: reader.trace(trace), ...sum }))
  const { sampling = { interval: 0 }, stackDepth = 0 } = reader.header ?? {}
  const time = Math.min(until, reader.duration)
  return new Snapshot({ traces, time, sampling, tracebackLimit: stackDepth })
}

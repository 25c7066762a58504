import { ALLOCATION, BYTE, nearestUnits } from '../format/amount.js'
import { EVENT, type EventCursor } from '../format/cursor.js'
import { DOMAINS } from '../types.js'

/** The time at which most bytes were live. */
export interface Peak {
  /** Seconds since the start: the first such time, behind all events of its microsecond. */
  readonly time: number
  /** Live bytes and allocations then, estimated. */
  readonly bytes: number
  readonly allocations: number
}

/** `factors` and `traceDomains` are by domain and by trace. */
export function peakOf(
  cursor: EventCursor,
  factors: readonly number[],
  traceDomains: ArrayLike<number>,
  isOwn: (trace: number) => boolean,
): Peak {
  const bytes = new Float64Array(DOMAINS.length)
  const allocations = new Float64Array(DOMAINS.length)
  const total = (values: Float64Array): number =>
    factors.reduce((sum, factor, domain) => sum + factor * (values[domain] as number), 0)
  let peak: Peak = { time: 0, bytes: 0, allocations: 0 }
  let now = 0
  const look = (): void => {
    const live = total(bytes) / BYTE
    if (live <= peak.bytes) return
    peak = { time: now / 1e6, bytes: live, allocations: total(allocations) / ALLOCATION }
  }
  // A collection frees thousands of objects at once: it is only when bytes go from up to down that a peak can be.
  let isHigher = false
  while (cursor.next()) {
    if (cursor.kind > EVENT.free) continue
    if (cursor.time > now) {
      if (isHigher) look()
      isHigher = false
      now = cursor.time
    }
    const { trace, size, scale } = cursor
    if (isOwn(trace)) continue
    const domain = traceDomains[trace] as number
    const sign = cursor.kind === EVENT.alloc ? 1 : -1
    bytes[domain] = (bytes[domain] as number) + sign * nearestUnits(size * scale * BYTE)
    allocations[domain] = (allocations[domain] as number) + sign * nearestUnits(scale * ALLOCATION)
    if (sign > 0) isHigher = true
  }
  look()
  return Object.freeze(peak)
}

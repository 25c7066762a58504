import { BYTE, nearestUnits } from '../format/amount.js'
import { EVENT, type EventCursor } from '../format/cursor.js'
import { COLUMNS, FIRST_TRACE } from '../format/hpc.js'
import { DOMAINS, type Domain } from '../types.js'
import type { KnownTraces } from './known-traces.js'
import { liveOf, type SnapshotMaker } from './snapshots.js'

/** Live bytes over time: each list has one number for each time. */
export interface Usage<Name> {
  /** Seconds since the start. */
  readonly times: readonly number[]
  /** Of all there is. */
  readonly total: readonly number[]
  /** In the order they were asked for. */
  readonly usage: ReadonlyMap<Name, readonly number[]>
}

/** What is live of some traces, at the time of every snapshot of a digest. A trace may be in several groups. */
export function usageOfTraces<Name>(
  { digest, factors }: SnapshotMaker,
  groups: ReadonlyMap<Name, readonly number[]>,
  traces: KnownTraces,
  traceDomains: ArrayLike<number>,
): Usage<Name> {
  const { frames } = digest.index
  const total: number[] = []
  const usage = new Map(Array.from(groups.keys(), (name) => [name, [] as number[]]))
  for (let number = 0; number < frames.length; number++) {
    const sums = digest.sums(number)
    const bytesAt = (slot: number): number => {
      const at = slot * COLUMNS
      if (liveOf(sums, at, 2) <= 0) return 0
      const domain = slot < FIRST_TRACE ? slot : (traceDomains[slot - FIRST_TRACE] as number)
      if (slot >= FIRST_TRACE && traces.isOwn(slot - FIRST_TRACE)) return 0
      return (liveOf(sums, at, 0) / BYTE) * (factors[domain] as number)
    }
    let all = 0
    for (let slot = 0; slot < sums.length / COLUMNS; slot++) all += bytesAt(slot)
    total.push(all)
    for (const [name, members] of groups) {
      usage.get(name)?.push(members.reduce((sum, trace) => sum + bytesAt(trace + FIRST_TRACE), 0))
    }
  }
  return { times: frames.map(({ time }) => time / 1e6), total, usage }
}

/** What is live of each domain, at the time of every snapshot of a digest. */
export function usageOfDomains(
  { digest, factors }: SnapshotMaker,
  traces: KnownTraces,
  traceDomains: ArrayLike<number>,
): Usage<Domain> {
  const { frames } = digest.index
  const usage = new Map<Domain, number[]>(DOMAINS.map((domain) => [domain, []]))
  const total = frames.map((_, number) => {
    const sums = digest.sums(number)
    const live = DOMAINS.map(() => 0)
    for (let slot = 0; slot < sums.length / COLUMNS; slot++) {
      const at = slot * COLUMNS
      if (liveOf(sums, at, 2) <= 0) continue
      if (slot >= FIRST_TRACE && traces.isOwn(slot - FIRST_TRACE)) continue
      const domain = slot < FIRST_TRACE ? slot : (traceDomains[slot - FIRST_TRACE] as number)
      live[domain] = (live[domain] as number) + liveOf(sums, at, 0)
    }
    return DOMAINS.reduce((sum, domain, position) => {
      const bytes = ((live[position] as number) / BYTE) * (factors[position] as number)
      usage.get(domain)?.push(bytes)
      return sum + bytes
    }, 0)
  })
  return { times: frames.map(({ time }) => time / 1e6), total, usage }
}

/** What is live of what each thread has allocated, at given times in ascending microseconds. */
export function usageOfThreads(
  cursor: EventCursor,
  times: readonly number[],
  factors: readonly number[],
  traces: KnownTraces,
  traceDomains: ArrayLike<number>,
): Usage<number> {
  const live = new Map<number, number[]>()
  const usage = new Map<number, number[]>()
  const total: number[] = []
  const note = (): void => {
    let all = 0
    for (const [thread, bytes] of live) {
      const sum = bytes.reduce((sum, value, domain) => sum + (value / BYTE) * (factors[domain] as number), 0)
      // Before its first allocation a thread has nothing live.
      const list = usage.get(thread) ?? total.map(() => 0)
      usage.set(thread, list)
      list.push(sum)
      all += sum
    }
    total.push(all)
  }
  while (cursor.next()) {
    while (total.length < times.length && (times[total.length] as number) < cursor.time) note()
    if (cursor.kind > EVENT.free || traces.isOwn(cursor.trace)) continue
    let bytes = live.get(cursor.thread)
    if (bytes === undefined) {
      bytes = DOMAINS.map(() => 0)
      live.set(cursor.thread, bytes)
    }
    const domain = traceDomains[cursor.trace] as number
    const change = nearestUnits(cursor.size * cursor.scale * BYTE)
    bytes[domain] = (bytes[domain] as number) + (cursor.kind === EVENT.alloc ? change : -change)
  }
  while (total.length < times.length) note()
  const byThread = new Map([...usage].sort(([a], [b]) => a - b))
  return { times: times.map((time) => time / 1e6), total, usage: byThread }
}

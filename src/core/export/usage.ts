import { EVENT } from '../format/cursor.js'
import type { Header } from '../format/header.js'
import type { Reader } from '../reader.js'
import { correctionOf } from '../reduce/calibrate.js'
import { TraceSum } from '../reduce/trace-sum.js'
import { DOMAINS, type Domain } from '../types.js'

/** What the samples of one trace on one thread add up to, and how many of the allocations were freed. */
export class Usage extends TraceSum {
  /** `main`, `worker 3`, or `native thread 1` for one that runs no JavaScript. */
  readonly thread: string
  freedAllocations = 0

  constructor(trace: number, thread: string) {
    super(trace)
    this.thread = thread
  }

  override free(size: number, scale: number): void {
    super.free(size, scale)
    this.freedAllocations += scale
  }

  override scale(factor: number): void {
    super.scale(factor)
    this.freedAllocations *= factor
  }

  get liveAllocations(): number {
    return this.frees >= this.samples ? 0 : Math.max(0, this.allocations - this.freedAllocations)
  }
}

/** What a recording adds up to. */
export interface RecordedUsage {
  readonly usages: readonly Usage[]
  /** What the estimates of each domain were multiplied by, by the domain's number. */
  readonly factors: readonly number[]
}

/** Microseconds since the start. What was allocated up to `from`, and all events after `until`, are left out. */
export interface UsageSpan {
  readonly from?: number
  readonly until?: number
}

/**
 * What each trace allocated on each thread, in the measure of the exact counters. The correction is always that of the whole recording: what it corrects is lost all the way.
 */
export function usageOf(
  reader: Reader,
  { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: UsageSpan = {},
): RecordedUsage {
  const threads = new Map<string, Map<number, Usage>>()
  const whole = DOMAINS.map(() => ({ samples: 0, bytes: 0 }))
  const domains = new Uint8Array(reader.traceCount + 1)
  for (let trace = 0; trace < domains.length; trace++)
    domains[trace] = DOMAINS.indexOf(reader.domainOf(trace))
  const cursor = reader.cursor()
  let thread = -1
  let name = ''
  let usages = new Map<number, Usage>()
  while (cursor.next()) {
    if (cursor.kind > EVENT.free) continue
    const { trace, size, scale } = cursor
    if (cursor.kind === EVENT.alloc) {
      const domain = whole[domains[trace] as number] as { samples: number; bytes: number }
      domain.samples++
      domain.bytes += size * scale
    }
    if (cursor.time > until) continue
    const born = cursor.kind === EVENT.alloc ? cursor.time : cursor.time - cursor.age
    if (born <= from) continue
    if (cursor.thread !== thread) {
      thread = cursor.thread
      name = threadName(reader.header, thread)
      usages = threads.get(name) ?? new Map()
      threads.set(name, usages)
    }
    let usage = usages.get(trace)
    if (usage === undefined) {
      usage = new Usage(trace, name)
      usages.set(trace, usage)
    }
    if (cursor.kind === EVENT.alloc) usage.alloc(size, scale)
    else usage.free(size, scale)
  }
  const factors = whole.map(
    ({ samples, bytes }, domain) => correctionOf(DOMAINS[domain] as Domain, samples, bytes, reader) ?? 1,
  )
  const taken: Usage[] = []
  for (const list of threads.values()) {
    for (const usage of list.values()) {
      usage.scale(factors[domains[usage.trace] as number] as number)
      if (usage.samples > 0) taken.push(usage)
    }
  }
  return { usages: taken, factors }
}

/** Threads have the number that Node gave them in their process, also in a recording that was merged. */
function threadName(header: Header | undefined, thread: number): string {
  const merged = header?.merged?.[thread]
  const native = merged === undefined ? thread : (merged.native ?? 0)
  if (native > 0) return `native thread ${native}`
  const number = (merged ?? header)?.thread ?? 0
  return number === 0 ? 'main' : `worker ${number}`
}

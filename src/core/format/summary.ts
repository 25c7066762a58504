import { type Counters, DOMAINS } from '../types.js'
import type { EventCursor } from './cursor.js'
import type { Sampling } from './sampling.js'

/** What only a walk through all events tells. */
export interface Summary {
  /** Of the last event, in microseconds since the start. */
  readonly time: number
  /** Bytes at the end of the events that could not be used. */
  readonly ignored: number
  readonly counters: Counters | undefined
  readonly end: string | undefined
  /** By the number of the domain. */
  readonly domains: readonly DomainSummary[]
}

export interface DomainSummary {
  /** Sampled allocations, and the bytes they stand for. */
  readonly samples: number
  readonly bytes: number
  /** Undefined when nothing was said of it. */
  readonly sampling: Sampling | undefined
}

/** What a cursor at the end knows. `sums` are samples and bytes by domain. */
export function summaryOf(
  cursor: EventCursor,
  sums: readonly { readonly samples: number; readonly bytes: number }[],
): Summary {
  const { time, ignored, counters, end } = cursor
  const domains = DOMAINS.map((domain, position) => {
    const { samples = 0, bytes = 0 } = sums[position] ?? {}
    return { samples, bytes, sampling: cursor.samplingOf(domain) }
  })
  return { time, ignored, counters, end, domains }
}

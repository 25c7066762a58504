import { BYTE, nearestUnits } from '../format/amount.js'
import { EVENT, type EventCursor } from '../format/cursor.js'
import type { Recording } from '../format/recording.js'
import type { Sampling } from '../format/sampling.js'
import { type Summary, summaryOf } from '../format/summary.js'
import { correctionOf } from '../reduce/calibrate.js'
import { DOMAINS, type Domain } from '../types.js'

/** Some milliseconds. */
export const EVENTS_A_STEP: number = 2 ** 16

/** What all events of a recording tell together. Walks them once, unless somebody else has. */
export class Facts {
  readonly #recording: Recording
  #summary: Summary | undefined
  #isTallied = false

  constructor(recording: Recording) {
    this.#recording = recording
  }

  /** A pass over all events, from which the facts are learned when it comes to the end. */
  cursor(): EventCursor {
    const cursor = this.#recording.cursor()
    cursor.finished = () => {
      this.#summary ??= summaryOf(cursor, [])
    }
    return cursor
  }

  /** `summary` is of all events, its samples and bytes included. */
  learn(summary: Summary): void {
    this.#summary = summary
    this.#isTallied = true
  }

  /** All but its samples and bytes. */
  get summary(): Summary {
    return this.#summary ?? this.tallied
  }

  get tallied(): Summary {
    if (this.isTallied) return this.#summary as Summary
    const steps = this.steps()
    while (!steps.next().done);
    return this.#summary as Summary
  }

  /** Whether it is all known. */
  get isTallied(): boolean {
    return this.#isTallied
  }

  /** The walk, which hands over now and then and says how far it is. */
  *steps(): Generator<EventCursor, void> {
    const cursor = this.#recording.cursor()
    const domains = Uint8Array.from(this.#recording.tables.traceDomains)
    const samples = new Float64Array(DOMAINS.length)
    const bytes = new Float64Array(DOMAINS.length)
    while (tally(cursor, domains, samples, bytes)) yield cursor
    const sums = DOMAINS.map((_, domain) => ({
      samples: samples[domain] as number,
      bytes: (bytes[domain] as number) / BYTE,
    }))
    this.learn(summaryOf(cursor, sums))
  }
}

/** Some milliseconds of it, in the units of a digest, so that both come to the same; false at the end. Not in the generator itself, where loops are slower. */
function tally(
  cursor: EventCursor,
  domains: Uint8Array,
  samples: Float64Array,
  bytes: Float64Array,
): boolean {
  for (let left = EVENTS_A_STEP; left > 0; left--) {
    if (!cursor.next()) return false
    if (cursor.kind !== EVENT.alloc) continue
    const domain = domains[cursor.trace] as number
    samples[domain] = (samples[domain] as number) + 1
    bytes[domain] = (bytes[domain] as number) + nearestUnits(cursor.size * cursor.scale * BYTE)
  }
  return true
}

/** How each domain was sampled; a domain that was not recorded is not there. */
export function samplingOf({ domains }: Summary): Readonly<Partial<Record<Domain, Sampling>>> {
  const sampling: Partial<Record<Domain, Sampling>> = {}
  DOMAINS.forEach((domain, position) => {
    const own = domains[position]?.sampling
    if (own !== undefined) sampling[domain] = own
  })
  return sampling
}

/** What estimates are multiplied by, by the number of the domain, to be in the measure of the exact counters. */
export function factorsOf(summary: Summary): readonly number[] {
  const known = { counters: summary.counters, sampling: samplingOf(summary) }
  return summary.domains.map(
    ({ samples, bytes }, domain) => correctionOf(DOMAINS[domain] as Domain, samples, bytes, known) ?? 1,
  )
}

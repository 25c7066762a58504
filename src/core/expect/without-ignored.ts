import { chooseReading } from '../measure/choose.js'
import type { Job } from '../measure/drive.js'
import type { Instruments } from '../measure/instruments.js'
import { measurementOf } from '../measure/measurement.js'
import { type Reading, totalOf } from '../measure/reading.js'
import { intervalFor, removeProfile, type Sampled } from '../measure/sample.js'
import type { Domain, Site } from '../types.js'
import { evidence } from './evidence.js'
import { type Remaining, remaining } from './ignore.js'
import type { Budget, Verdict } from './verdict.js'

/** Standard errors that a number must be away from the limit: it is on the wrong side in one of 740 cases. */
export const SURE = 3
/** How often a function is sampled when the limit lies within the error, */
export const MOST_SAMPLED_RUNS = 3
/** and how much more finely each time. */
export const FINER = 8
/** Samples in as many bytes as the limit, to begin with: a standard error of 10 % there. */
const SAMPLES_AT_LIMIT = 100

/** On which side of a limit an estimate lies, when that is sure. */
export function sideOf({ bytes, error }: Remaining, limit: number): 'below' | 'over' | undefined {
  if (bytes + SURE * error < limit) return 'below'
  return bytes - SURE * error >= limit ? 'over' : undefined
}

/** The interval at which to sample first, when the number to be found is near the limit. */
export function firstInterval(total: number, limit: number): number {
  return Math.max(1, Math.min(intervalFor(total), Math.floor(limit / SAMPLES_AT_LIMIT)))
}

/**
 * The verdict on a function that exceeds the limit together with lines that are to be ignored.
 *
 * Which lines allocated is known from samples only, so that what is left is an estimate with an error. It fails only when
 * it lies beyond the limit by more than three standard errors; nearer than that, the function is sampled again, eight times
 * as finely, up to three times. When the limit still lies within the error, the assertion holds.
 */
export function* withoutIgnored(
  fn: () => unknown,
  budget: Budget,
  isIgnored: (site: Site) => boolean,
  readings: readonly Reading[],
  tools: Instruments,
): Job<Verdict> {
  const { limit, domains, options } = budget
  const chosen = chooseReading(readings, domains)
  const counted = countedBytes(chosen, domains)
  let interval = options.samplingInterval ?? firstInterval(totalOf(chosen, domains), limit.bytes)
  let fileBase: string | undefined
  const keepAt = budget.keepAt && (() => (fileBase ??= budget.keepAt?.() as string))
  for (let run = 1; ; run++) {
    const { sampled, refusal } = yield* evidence(tools, fn, keepAt, { samplingInterval: interval, domains })
    if (sampled === undefined) return cannotTell(budget, readings, refusal as string)
    const left = remaining(counted, sampled.sites, isIgnored)
    const side = sideOf(left, limit.bytes)
    if (side === undefined && run < MOST_SAMPLED_RUNS && interval > 1) {
      interval = Math.max(1, Math.floor(interval / FINER))
      continue
    }
    const pass = side === undefined ? !budget.isNot : side === 'below'
    const failed = pass === budget.isNot
    if (!failed && sampled.profile !== undefined) removeProfile(sampled.profile)
    const shown: Sampled = { ...sampled, sites: sampled.sites.filter((site) => !isIgnored(site)) }
    return {
      pass,
      limit,
      measurement: measurementOf(readings, failed ? shown : undefined, domains),
      noSites: undefined,
      remaining: left,
    }
  }
}

function countedBytes(reading: Reading, domains: readonly Domain[]): Record<Domain, number> {
  const of = (domain: Domain, bytes: number) => (domains.includes(domain) ? Math.max(0, bytes) : 0)
  return {
    heap: of('heap', reading.heap),
    arrayBuffer: of('arrayBuffer', reading.arrayBuffers),
    native: of('native', reading.native),
  }
}

function cannotTell({ isNot, limit, domains }: Budget, readings: readonly Reading[], why: string): Verdict {
  return {
    pass: isNot,
    limit,
    measurement: measurementOf(readings, undefined, domains),
    noSites: undefined,
    unclear: `which lines allocated is not known: ${why}`,
  }
}

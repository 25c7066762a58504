import { chooseReading, isExact, isPossible } from '../measure/choose.js'
import { count, warmUp } from '../measure/count.js'
import type { Job } from '../measure/drive.js'
import type { Instruments } from '../measure/instruments.js'
import { type Measurement, measurementOf } from '../measure/measurement.js'
import type { CallOptions } from '../measure/options.js'
import { type Reading, totalOf } from '../measure/reading.js'
import { intervalFor } from '../measure/sample.js'
import type { ParsedSize } from '../text/bytes.js'
import type { Domain, Site } from '../types.js'
import { evidence } from './evidence.js'
import type { Remaining } from './ignore.js'
import { withoutIgnored } from './without-ignored.js'

/** What a budget found: everything the sentence about it needs. */
export interface Verdict {
  /** Whether the function allocated less than the limit. When that cannot be told, whatever makes the assertion fail. */
  readonly pass: boolean
  readonly limit: ParsedSize
  readonly measurement: Measurement
  /** Why there are no sites although they were wanted. */
  readonly noSites: string | undefined
  /** What is left without the lines that were to be ignored. */
  readonly remaining?: Remaining
  /** Why it cannot be told: a clause. */
  readonly unclear?: string
}

/** A budget for one function. */
export interface Budget {
  /** The matcher, for errors. */
  readonly matcher: string
  readonly limit: ParsedSize
  readonly options: CallOptions
  readonly domains: readonly Domain[]
  /** Lines that do not count. */
  readonly isIgnored: ((site: Site) => boolean) | undefined
  /** Whether worker threads that the function starts count. */
  readonly workers?: boolean | undefined
  /** Whether failing to exceed the limit is the mistake (`.not`): then nobody needs to see what exceeds it. */
  readonly isNot: boolean
  /** Where the profile of a failure is kept; called once, and only when there is one. */
  readonly keepAt: (() => string) | undefined
}

/** No disturbance of a reading is known to be greater; see the README of `measure`. */
const GREATEST_DISTURBANCE = 2 ** 20

/**
 * Judges a function by its budget, with as few calls as the answer needs.
 *
 * 1. One counted call. Less than the limit: the answer is yes, since whatever disturbs a reading adds to it.
 * 2. Otherwise up to `runs` counted calls in all (3 by default), because the first one also paid for compiling. It ends
 *    early when the reading to believe falls below the limit; see `chooseReading`.
 * 3. Still not below: the answer is no, and one more call under the sampler shows where, unless `sample` is false.
 *
 * A call that something is known to have disturbed (see `isExact`) is not one of these: another one takes its place, up to
 * `runs` times. Then the function itself must be what makes V8 collect, and what was read counts as it is. When even the
 * greatest disturbance could not have hidden that the limit is exceeded, the call counts at once.
 */
export function* judge(fn: () => unknown, budget: Budget, tools: Instruments): Job<Verdict> {
  const { limit, options, domains } = budget
  yield* warmUp(tools.counting, fn, options.warmup ?? 0)
  const { readings, pass } = yield* callsFor(fn, budget, tools)
  if (!pass && budget.isIgnored !== undefined) {
    return yield* withoutIgnored(fn, budget, budget.isIgnored, readings, tools)
  }
  if (pass || budget.isNot || options.sample === false) {
    return { pass, limit, measurement: measurementOf(readings, undefined, domains), noSites: undefined }
  }
  const { sampled, refusal } = yield* evidence(tools, fn, budget.keepAt, {
    samplingInterval:
      options.samplingInterval ?? intervalFor(totalOf(chooseReading(readings, domains), domains)),
    domains,
  })
  return { pass, limit, measurement: measurementOf(readings, sampled, domains), noSites: refusal }
}

function* callsFor(
  fn: () => unknown,
  { limit, options, domains }: Budget,
  tools: Instruments,
): Job<{ readings: readonly Reading[]; pass: boolean }> {
  const runs = options.runs ?? 3
  const readings: Reading[] = []
  let replacements = runs
  while (readings.length < runs) {
    const reading = yield* count(tools.counting, fn)
    if (!isExact(reading, domains)) {
      const total = totalOf(reading, domains)
      // Below 0 as well, where V8 gave memory back: what that hides is a disturbance like any other.
      if (total > -GREATEST_DISTURBANCE && total + GREATEST_DISTURBANCE < limit.bytes) {
        return { readings: [reading], pass: true }
      }
      if (replacements-- > 0) continue
    }
    readings.push(reading)
    const chosen = chooseReading(readings, domains)
    if (isPossible(chosen, domains) && totalOf(chosen, domains) < limit.bytes) return { readings, pass: true }
  }
  return { readings, pass: false }
}

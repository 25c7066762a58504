import { HeapproofError } from '../errors.js'
import { chooseReading } from '../measure/choose.js'
import { count, warmUp } from '../measure/count.js'
import type { Job } from '../measure/drive.js'
import type { Instruments } from '../measure/instruments.js'
import { type Measurement, measurementOf } from '../measure/measurement.js'
import type { CallOptions } from '../measure/options.js'
import { type Reading, totalOf } from '../measure/reading.js'
import { intervalFor, type Sampled, sample } from '../measure/sample.js'
import type { ParsedSize } from '../text/bytes.js'

/** What a budget found: everything the sentence about it needs. */
export interface Verdict {
  /** Whether the function allocated less than the limit. */
  readonly pass: boolean
  readonly limit: ParsedSize
  readonly measurement: Measurement
  /** Why there are no sites although they were wanted. */
  readonly noSites: string | undefined
}

/** A budget for one function. */
export interface Budget {
  readonly limit: ParsedSize
  readonly options: CallOptions
  /** Whether failing to exceed the limit is the mistake (`.not`): then nobody needs to see what exceeds it. */
  readonly isNot: boolean
  /** Where the profile of a failure is kept; called once, and only when there is one. */
  readonly keepAt: (() => string) | undefined
}

/**
 * Judges a function by its budget, with as few calls as the answer needs.
 *
 * 1. One counted call. Less than the limit: the answer is yes, since whatever disturbs a reading adds to it.
 * 2. Otherwise up to `runs` counted calls in all (3 by default), because the first one also paid for compiling. It ends
 *    early when the reading to believe falls below the limit; see `chooseReading`.
 * 3. Still not below: the answer is no, and one more call under the sampler shows where, unless `sample` is false.
 */
export function* judge(fn: () => unknown, budget: Budget, tools: Instruments): Job<Verdict> {
  const { limit, options } = budget
  yield* warmUp(tools.counting, fn, options.warmup ?? 0)
  const readings: Reading[] = []
  let pass = false
  while (!pass && readings.length < (options.runs ?? 3)) {
    readings.push(yield* count(tools.counting, fn))
    const chosen = chooseReading(readings)
    pass = chosen.heap >= 0 && totalOf(chosen) < limit.bytes
  }
  if (pass || budget.isNot || options.sample === false) {
    return { pass, limit, measurement: measurementOf(readings, undefined), noSites: undefined }
  }
  const { sampled, refusal } = yield* evidence(fn, budget, readings, tools)
  return { pass, limit, measurement: measurementOf(readings, sampled), noSites: refusal }
}

/** The verdict stands without evidence: what keeps the sampler from working is part of the answer, not an error. */
function* evidence(
  fn: () => unknown,
  budget: Budget,
  readings: readonly Reading[],
  tools: Instruments,
): Job<{ sampled?: Sampled; refusal?: string }> {
  if (tools.isProfiling()) return { refusal: 'a recording is under way, and there can be only one' }
  const fromTotal = intervalFor(totalOf(chooseReading(readings)))
  try {
    const fileBase = budget.keepAt?.()
    const settings = {
      samplingInterval: budget.options.samplingInterval ?? fromTotal,
      fileBase,
      keep: fileBase !== undefined,
    }
    return { sampled: yield* sample(tools, fn, settings) }
  } catch (error) {
    if (error instanceof HeapproofError) return { refusal: error.message }
    throw error
  }
}

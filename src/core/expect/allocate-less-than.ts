import { drive, isThenable, type Job } from '../measure/drive.js'
import { exclusively } from '../measure/exclusive.js'
import { type Instruments, instruments } from '../measure/instruments.js'
import type { Size } from '../text/bytes.js'
import { countingWorkers } from '../workers/count.js'
import { ignoring } from './ignore.js'
import {
  checkReceived,
  type MatcherContext,
  type MatcherResult,
  parseLimit,
  sentenceContext,
} from './matcher.js'
import { withNative } from './native-counting.js'
import { type AllocateOptions, checkAllocateOptions, checkResolution, domainsOf } from './options.js'
import { isProcessMeasurement, processAllocatesLessThan } from './process-budget.js'
import { sentence } from './sentence.js'
import { type Budget, judge, type Verdict } from './verdict.js'

export type { MatcherContext, MatcherResult }

const NAME = 'toAllocateLessThan'

/**
 * The matcher: whether one call of `received` allocates less than `limit`. See `judge` for the number of calls it takes.
 * A promise exactly when `received` returns one. What `measureProcess` found is judged as it is.
 *
 * @throws HeapproofError `invalid-argument` when `received` is no function or an option is wrong; `invalid-size` when
 *   `limit` is no size, or 0, which nothing can stay below; `overlap`; `unsupported` when native memory is asked for where
 *   it cannot be counted. What `received` throws comes through unchanged.
 */
export function allocateLessThan(
  received: unknown,
  limit: Size,
  options: AllocateOptions | undefined,
  context: MatcherContext,
  tools?: Instruments,
): MatcherResult | Promise<MatcherResult> {
  const parsed = parseLimit(NAME, limit, 'allocate', 'a limit of 1 byte demands that it allocates nothing')
  if (isProcessMeasurement(received)) {
    return processAllocatesLessThan(received, NAME, parsed, { written: [limit], options }, context)
  }
  checkReceived(NAME, received, context.promise)
  const given = checkAllocateOptions(NAME, options)
  const { ignore } = given
  if (ignore !== undefined) checkResolution(NAME, parsed.bytes, given.samplingInterval)
  const budget: Budget = {
    matcher: NAME,
    limit: parsed,
    options: given,
    domains: domainsOf(given.domain),
    isIgnored: ignore === undefined ? undefined : ignoring(ignore, context.root),
    workers: given.workers,
    isNot: context.isNot,
    keepAt: context.keepAt,
  }
  return told(received, budget, [limit], context, tools)
}

/** Judges, and puts the sentence beside the verdict. */
export function told(
  received: () => unknown,
  budget: Budget,
  written: readonly unknown[],
  context: MatcherContext,
  tools: Instruments = instruments(context.resolve),
): MatcherResult | Promise<MatcherResult> {
  const { matcher, domains } = budget
  const tell = (verdict: Verdict): MatcherResult => ({
    pass: verdict.pass,
    message: () => sentence(verdict, sentenceContext(matcher, written, context)),
  })
  const judged =
    budget.workers === true ? withWorkers(received, budget, tools) : judge(received, budget, tools)
  const job = withNative(matcher, tools, domains, judged)
  const verdict = drive(exclusively(matcher, job))
  return isThenable(verdict) ? verdict.then(tell) : tell(verdict as Verdict)
}

function withWorkers(received: () => unknown, budget: Budget, tools: Instruments): Job<Verdict> {
  return countingWorkers(function* (workers) {
    const verdict = yield* judge(workers.watch(budget.matcher, received), budget, tools)
    return { ...verdict, measurement: { ...verdict.measurement, workers: workers.most } }
  })
}

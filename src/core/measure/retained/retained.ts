import type { Domain } from '../../types.js'
import { callTimes, type Job } from '../drive.js'
import { type Elapsed, now, since } from '../elapsed.js'
import type { Instruments } from '../instruments.js'
import { type GrowthVerdict, growthVerdict } from './growth.js'
import { type Series, type SeriesSettings, series } from './series.js'

/** What a function retains per call, as far as it could be told. */
export interface Retained {
  readonly verdict: GrowthVerdict
  /** The series that the verdict rests on. */
  readonly series: Series
}

export interface RetainedSettings {
  /** Bytes a call. */
  readonly limit: number
  readonly domains: readonly Domain[]
  /** Calls before the first round. */
  readonly warmup: number
  /** Calls in each round; undefined: as many as take about as long as a collection, and more when that is too few. */
  readonly runs: number | undefined
  readonly rounds: number
}

/**
 * A round of calls should take as long as the collection after it, then rounds cost twice the unavoidable at most. When the
 * processors were elsewhere meanwhile it may take three times as long: on a busy machine rounds would else be of a call or
 * two, in which noise hides the limit.
 */
const ROUND_MILLISECONDS = 20
const LONGEST_ROUND_MILLISECONDS = 60
const MOST_CALLS_AT_FIRST = 1000
const MOST_SERIES = 5
/**
 * Milliseconds of processors and of the clock. No further series begins with which all would take longer. On a busy machine
 * the clock is the wrong one to decide, for a function that waits it is the only one.
 */
const PATIENCE: Elapsed = { clock: 30_000, cpu: 6000 }

/**
 * Tells whether a function retains less than the limit per call.
 *
 * Series of rounds are made until it is clear: with four times the calls when noise hides the limit (what a call retains
 * adds up, noise does not), with twice the calls to confirm that the limit was exceeded: see `growthVerdict`. A number of
 * calls that was given stays as it is.
 */
export function* retained(tools: Instruments, fn: () => unknown, settings: RetainedSettings): Job<Retained> {
  const { limit, rounds, domains } = settings
  let calls = yield* warmUp(tools, fn, settings)
  const began = now(tools)
  let suspicious = false
  for (let number = 1; ; number++) {
    const made: Series = yield* series(tools, fn, { calls, rounds, limit, domains } satisfies SeriesSettings)
    const verdict = growthVerdict(made.perCall, limit)
    if (verdict === 'kept' || (verdict === 'exceeded' && suspicious)) return { verdict, series: made }
    suspicious = verdict === 'exceeded'
    const more = settings.runs === undefined ? (suspicious ? 2 : 4) : 1
    const spent = since(began, tools)
    const next = (of: keyof Elapsed) =>
      (rounds / made.perCall.length) * (made.took[of] + (more - 1) * made.inCalls[of])
    const inTime = (['clock', 'cpu'] as const).every((of) => spent[of] + next(of) <= PATIENCE[of])
    // A suspicion is followed in any case: to leave it at that would be no answer.
    if (number >= MOST_SERIES || !(inTime || suspicious)) return { verdict: 'unclear', series: made }
    if (inTime) calls *= more
  }
}

/** Returns how many calls to make in a round. */
function* warmUp(tools: Instruments, fn: () => unknown, settings: RetainedSettings): Job<number> {
  yield* callTimes(fn, settings.warmup)
  if (settings.runs !== undefined) return settings.runs
  const began = now(tools)
  let calls = 0
  do {
    yield* callTimes(fn, 1)
    calls++
  } while (calls < MOST_CALLS_AT_FIRST && isShort(since(began, tools)))
  return calls
}

function isShort({ clock, cpu }: Elapsed): boolean {
  return clock < ROUND_MILLISECONDS || (cpu < ROUND_MILLISECONDS && clock < LONGEST_ROUND_MILLISECONDS)
}

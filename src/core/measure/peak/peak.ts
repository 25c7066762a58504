import { callTimes, type Job } from '../drive.js'
import type { Instruments } from '../instruments.js'
import { type Watched, type Watching, watch } from './watch.js'

/** Whether the most that is reachable at once lies below a limit. */
export interface PeakVerdict {
  readonly verdict: 'below' | 'over' | 'unclear'
  readonly watched: Watched
  /** Why nothing more precise could be found out: a clause. */
  readonly refusal: string | undefined
}

/** Collections of the first call that is paced: with 30 ms each, it takes a second. */
const COLLECTIONS = 32
const FINER = 8
/** Steps into which the limit is divided. */
const STEPS = 16
/** What V8 says it uses moves by some kilobytes even when nothing happens. */
const SMALLEST_STEP = 4096
/** Milliseconds of processors that a second, finer call may take. */
const PATIENCE = 3000
/** How often a call is tried in which V8 did not collect when it was asked to. */
const ATTEMPTS = 4

/**
 * Tells whether the most that is reachable at once during a call is below the limit.
 *
 * 1. A call that is only looked at. What V8 uses right before it collects is reachable or garbage; if that stays below the
 *    limit, so does the peak.
 * 2. Otherwise a call in which the heap is collected each time a sixteenth of the limit has been allocated: what is left
 *    was reachable. If that reaches the limit, so did the peak; if what is used before the collections now stays below,
 *    the peak does. Calls that allocate very much are collected less often, at about 32 places.
 * 3. With the limit between the two, once more with steps that are eight times as fine, if that takes no more than three
 *    seconds. With the limit still between them, it cannot be told.
 *
 * The function has to do about the same in each call.
 */
export function* peak(
  tools: Instruments,
  fn: () => unknown,
  { limit, warmup }: { readonly limit: number; readonly warmup: number },
): Job<PeakVerdict> {
  yield* callTimes(fn, warmup)
  let watched: Watched | string = yield* watch(tools, fn, { step: 0, mostCollections: 0 })
  if (typeof watched === 'string') return { verdict: 'unclear', watched: NOTHING, refusal: watched }
  if (watched.upper < limit) return { verdict: 'below', watched, refusal: undefined }
  if (tools.isProfiling())
    return { verdict: 'unclear', watched, refusal: 'a recording is under way, and there can be only one' }
  let step = Math.max(SMALLEST_STEP, limit / STEPS, watched.allocated / COLLECTIONS)
  for (;;) {
    const mostCollections: number = Math.ceil((2 * watched.allocated) / step) + 1
    const paced: Watched | string = yield* watchPaced(tools, fn, limit, {
      step: Math.ceil(step),
      mostCollections,
    })
    if (typeof paced === 'string') return { verdict: 'unclear', watched, refusal: paced }
    const before = watched.step
    watched = paced
    if (watched.upper < limit) return { verdict: 'below', watched, refusal: undefined }
    if (watched.lower >= limit) return { verdict: 'over', watched, refusal: undefined }
    const finer = Math.max(SMALLEST_STEP, step / FINER)
    if (before > 0 || finer >= step || expected(watched, finer) > PATIENCE) {
      return { verdict: 'unclear', watched, refusal: undefined }
    }
    step = finer
  }
}

/**
 * V8 collects for us at the next interrupt, and code that waits for its optimised successor looks for interrupts rarely:
 * on a busy machine, where the compiler's thread gets no turn, it can be the whole call. Then another call is better.
 */
function* watchPaced(
  tools: Instruments,
  fn: () => unknown,
  limit: number,
  watching: Watching,
): Job<Watched | string> {
  for (let attempt = 1; ; attempt++) {
    const watched: Watched | string = yield* watch(tools, fn, watching)
    if (typeof watched === 'string' || attempt === ATTEMPTS) return watched
    const isDecided = watched.upper < limit || watched.lower >= limit
    if (isDecided || watched.collections + 1 >= watched.allocated / watching.step / 4) return watched
  }
}

function expected({ milliseconds, collections, allocated }: Watched, step: number): number {
  return (milliseconds / Math.max(1, collections)) * (allocated / step)
}

const NOTHING: Watched = {
  upper: Number.POSITIVE_INFINITY,
  lower: 0,
  step: 0,
  collections: 0,
  exhausted: false,
  seconds: 0,
  allocated: 0,
  milliseconds: 0,
}

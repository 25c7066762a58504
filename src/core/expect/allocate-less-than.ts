import { HeapproofError } from '../errors.js'
import type { ResolveSourceMap } from '../frames/annotate.js'
import { drive, isThenable } from '../measure/drive.js'
import { exclusively } from '../measure/exclusive.js'
import { type Instruments, instruments } from '../measure/instruments.js'
import { type CallOptions, checkCallOptions, checkFunction } from '../measure/options.js'
import { type ParsedSize, parseSize, type Size } from '../text/bytes.js'
import { show } from '../text/show.js'
import { sentence } from './sentence.js'
import { judge, type Verdict } from './verdict.js'

const NAME = 'toAllocateLessThan'

/** What a runner knows and a matcher needs. */
export interface MatcherContext {
  readonly isNot: boolean
  /** Root directory of the project; paths are shown relative to it. */
  readonly root: string
  /** Directory the runner was started in. Default: that of this process. */
  readonly cwd?: string
  /** Gives the file base for the profile of a failure; see `ProfileKeeper`. Without it no profile is kept. */
  readonly keepAt?: () => string
  /** Finds source maps that only the runner has. */
  readonly resolve?: ResolveSourceMap
}

/** What both runners expect from a matcher. The message is put together when it is asked for. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * The matcher: whether one call of `received` allocates less than `limit`. See `judge` for the number of calls it takes.
 * A promise exactly when `received` returns one.
 *
 * @throws HeapproofError `invalid-argument` when `received` is no function or an option is wrong; `invalid-size` when
 *   `limit` is no size, or 0, which nothing can stay below; `overlap`. What `received` throws comes through unchanged.
 */
export function allocateLessThan(
  received: unknown,
  limit: Size,
  options: CallOptions | undefined,
  context: MatcherContext,
  tools: Instruments = instruments(context.resolve),
): MatcherResult | Promise<MatcherResult> {
  checkFunction(NAME, received)
  const budget = {
    limit: parseLimit(limit),
    options: checkCallOptions(NAME, options),
    isNot: context.isNot,
    keepAt: context.keepAt,
  }
  const told = (verdict: Verdict): MatcherResult => ({
    pass: verdict.pass,
    message: () =>
      sentence(verdict, {
        matcher: NAME,
        argument: limit,
        isNot: context.isNot,
        root: context.root,
        cwd: context.cwd ?? process.cwd(),
      }),
  })
  const verdict = drive(exclusively(NAME, judge(received, budget, tools)))
  return isThenable(verdict) ? verdict.then(told) : told(verdict as Verdict)
}

function parseLimit(limit: Size): ParsedSize {
  const parsed = parseSize(limit, `${NAME}: limit`)
  if (parsed.bytes === 0) {
    throw new HeapproofError(
      'invalid-size',
      `${NAME}: limit: no function can allocate less than ${show(limit)}; a limit of 1 byte demands that it ` +
        'allocates nothing',
    )
  }
  return parsed
}

import { HeapproofError } from '../errors.js'
import type { ResolveSourceMap } from '../frames/annotate.js'
import { isThenable } from '../measure/drive.js'
import { checkFunction } from '../measure/options.js'
import type { SnapshotContext } from '../snapshot/context.js'
import { type ParsedSize, parseSize, type Size } from '../text/bytes.js'
import { show } from '../text/show.js'

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
  /** `resolves` or `rejects` when the test put that before the matcher; else empty. */
  readonly promise?: string | undefined
  /** What heap snapshots need; undefined where the runner has none. */
  readonly snapshot?: SnapshotContext | undefined
}

/** What both runners expect from a matcher. The message is put together when it is asked for. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/** What every sentence needs. */
export interface SentenceContext {
  /** Name of the matcher. */
  readonly matcher: string
  /** What the test wrote between the parentheses. */
  readonly given: readonly unknown[]
  readonly isNot: boolean
  /** Paths below it are shown relative to it. */
  readonly root: string
  /** Directory the user's shell is in, which the command is for. */
  readonly cwd: string
}

export function sentenceContext(
  matcher: string,
  given: readonly unknown[],
  context: MatcherContext,
): SentenceContext {
  const { isNot, root, cwd = process.cwd() } = context
  return { matcher, given, isNot, root, cwd }
}

/** @throws HeapproofError `invalid-argument` when what was given to `expect` cannot be called. */
export function checkReceived(
  name: string,
  received: unknown,
  promise: string | undefined,
): asserts received is () => unknown {
  if (typeof received !== 'function' && promise) {
    throw new HeapproofError(
      'invalid-argument',
      `${name}: .${promise} gave ${show(received)}, and no function that could be called and measured; leave ` +
        `.${promise} out: await expect(() => ...).${name}(...)`,
    )
  }
  if (isThenable(received) && typeof received !== 'function') {
    throw new HeapproofError(
      'invalid-argument',
      `${name}: expected a function, received a promise, whose work has begun already; pass the function that ` +
        `returns it: await expect(() => ...).${name}(...)`,
    )
  }
  checkFunction(name, received)
}

/**
 * Reads a limit that something has to stay below. `smallest` says what to write when nothing at all is wanted.
 *
 * @throws HeapproofError `invalid-size` for what is no size, and for 0, which nothing can stay below.
 */
export function parseLimit(name: string, limit: Size, verb: string, smallest: string): ParsedSize {
  const parsed = parseSize(limit, `${name}: limit`)
  if (parsed.bytes === 0) {
    throw new HeapproofError(
      'invalid-size',
      `${name}: limit: no function can ${verb} less than ${show(limit)}; ${smallest}`,
    )
  }
  return parsed
}

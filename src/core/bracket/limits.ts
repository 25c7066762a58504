import { HeapproofError } from '../errors.js'
import { type ParsedSize, parseSize, type Size } from '../text/bytes.js'
import { boolean, checkOptions, type OptionRule } from '../text/options.js'
import { show } from '../text/show.js'

/** What a test can be limited in. */
export const LIMIT_KINDS = ['allocated', 'retained', 'peak', 'native'] as const

/** One of {@link LIMIT_KINDS}. */
export type LimitKind = (typeof LIMIT_KINDS)[number]

/** The most that a test may use; `false` takes back a limit that would hold otherwise. */
export interface HeapLimits {
  /** Bytes that the body allocates, on the heap and behind ArrayBuffers, whether or not they are freed again. */
  readonly allocated?: Size | false
  /** Bytes that are live after the body, beyond those before it. Costs two full collections for each test. */
  readonly retained?: Size | false
  /** Bytes that are live at once while the body runs, beyond those before it. */
  readonly peak?: Size | false
  /** Bytes that C++ code takes from malloc while the body runs. Linux only. */
  readonly native?: Size | false
  /**
   * Whether what worker threads allocate that the body starts, from their first module to their end, is in `allocated`.
   * Default false. They have to end before the body does.
   */
  readonly workers?: boolean
}

/** A limit that holds for a test. */
export interface Limit {
  readonly kind: LimitKind
  readonly size: ParsedSize
  /** As it was written. */
  readonly given: Size
  /** Written in the test itself, by `heapLimit()`; else an option of the runner. */
  readonly own: boolean
}

/** The limits of one test. */
export interface Limits extends ReadonlyMap<LimitKind, Limit> {
  /** Whether worker threads count. */
  readonly workers?: boolean
}

const anything: OptionRule = () => undefined
const rules = { allocated: anything, retained: anything, peak: anything, native: anything, workers: boolean }

/**
 * Reads limits on top of those in `base`. `what` names them in errors.
 *
 * @throws HeapproofError `invalid-argument` for a name that is no limit, with a suggestion; `invalid-size`.
 */
export function readLimits(what: string, given: unknown, own: boolean, base?: Limits): Limits {
  if (given === undefined) return base ?? new Map()
  const checked = checkOptions(what, given as HeapLimits, rules)
  const limits: Map<LimitKind, Limit> & { workers?: boolean } = new Map(base)
  const workers = checked.workers ?? base?.workers
  if (workers !== undefined) limits.workers = workers
  for (const kind of LIMIT_KINDS) {
    const value = checked[kind]
    if (value === undefined) continue
    if (value === false) limits.delete(kind)
    else limits.set(kind, { kind, size: parseSize(value, `${what}: ${kind}`), given: value, own })
  }
  return limits
}

/** Like {@link readLimits}, for what a test asks for itself: there has to be something. */
export function readOwnLimits(what: string, given: unknown, base: Limits): Limits {
  if (typeof given !== 'object' || given === null || Object.keys(given).length === 0) {
    throw new HeapproofError(
      'invalid-argument',
      `${what}: expected limits, such as { allocated: '5MB' }, received ${show(given)}`,
    )
  }
  return readLimits(what, given, true, base)
}

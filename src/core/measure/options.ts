import { HeapproofError } from '../errors.js'
import { boolean, checkOptions, integer, text } from '../text/options.js'
import { show } from '../text/show.js'

/** How {@link measure} measures. */
export interface MeasureOptions {
  /** Calls before the first counted one, 0 to 1,000,000. Default 1: the first call also pays for compiling. */
  readonly warmup?: number
  /** Counted calls, 1 to 1,000,000. Default 3; the least reading that another one confirms is reported. */
  readonly runs?: number
  /** Whether to call the function once more under the sampler, to learn which lines allocate. Default true. */
  readonly sample?: boolean
  /** Mean bytes between two samples, 1 to 1,073,741,824. Default: a ten-thousandth of what was counted. */
  readonly samplingInterval?: number
  /** Where to write the profile of the sampled run, without extension. Default: a temporary directory. */
  readonly fileBase?: string
  /** Whether the profile stays after it was read. Default: only when `fileBase` is given. */
  readonly keep?: boolean
  /**
   * Whether worker threads count that the function starts, from their first module to their end. Default false. They have
   * to end before it does.
   */
  readonly workers?: boolean
}

/** The options that the matchers take as well. */
export type CallOptions = Pick<MeasureOptions, 'warmup' | 'runs' | 'sample' | 'samplingInterval'>

const CALLS = 1_000_000
const MAX_SAMPLING_INTERVAL = 2 ** 30

/** What their values may be. */
export const callRules = {
  warmup: integer(0, CALLS),
  runs: integer(1, CALLS),
  sample: boolean,
  samplingInterval: integer(1, MAX_SAMPLING_INTERVAL),
}

/** @throws HeapproofError `invalid-argument`. */
export function checkMeasureOptions(options: MeasureOptions | undefined): MeasureOptions {
  return checkOptions('measure', options, { ...callRules, fileBase: text, keep: boolean, workers: boolean })
}

/** @throws HeapproofError `invalid-argument` when the thing to measure cannot be called. */
export function checkFunction(what: string, fn: unknown): asserts fn is () => unknown {
  if (typeof fn !== 'function') {
    throw new HeapproofError('invalid-argument', `${what}: expected a function, received ${show(fn)}`)
  }
}

import { HeapproofError } from '../errors.js'
import { type CallOptions, callRules } from '../measure/options.js'
import { USUAL_DOMAINS } from '../measure/reading.js'
import { FEWEST_ROUNDS } from '../measure/retained/growth.js'
import { boolean, checkOptions, integer, type OptionRule } from '../text/options.js'
import { DOMAINS, type Domain } from '../types.js'
import type { IgnoreRule } from './ignore.js'

/** Options of `toAllocateLessThan`. */
export interface AllocateOptions extends CallOptions {
  /** What counts. Default `['heap', 'arrayBuffer']`. `native`, what C++ takes from malloc, is there on Linux. */
  readonly domain?: Domain | readonly Domain[]
  /**
   * Lines whose allocations do not count: globs of their files, relative to the root of the project, or functions that
   * say so. The number is then estimated from samples.
   */
  readonly ignore?: IgnoreRule | readonly IgnoreRule[]
  /**
   * Whether worker threads count that the function starts, from their first module to their end. Default false. They have
   * to end before it does; the assertion has to be awaited. Not together with `ignore` or the domain `native`.
   */
  readonly workers?: boolean
}

/** Options of `toAllocateNothing`. */
export interface NothingOptions extends CallOptions {
  /** What counts. Default `['heap', 'arrayBuffer']`. `native`, what C++ takes from malloc, is there on Linux. */
  readonly domain?: Domain | readonly Domain[]
}

/** Options of `toRetainLessThan`. */
export interface RetainOptions {
  /** Calls before the first round, 0 to 1,000,000. Default 3. */
  readonly warmup?: number
  /** Calls in each round, 1 to 1,000,000. Default: as many as fit into 20 ms, and more when that does not tell. */
  readonly runs?: number
  /** Rounds after each of which the heap is collected, 5 to 1000. Default 8. */
  readonly rounds?: number
  /** Whether to look for the lines whose allocations stay, after a failure. Default true. */
  readonly sample?: boolean
  /** Mean bytes between two samples, 1 to 1,073,741,824. Default: by what is retained. */
  readonly samplingInterval?: number
  /** What counts. Default `['heap', 'arrayBuffer']`. `native`, what C++ takes from malloc, is there on Linux. */
  readonly domain?: Domain | readonly Domain[]
  /** Lines whose allocations may stay: see `toAllocateLessThan`. */
  readonly ignore?: IgnoreRule | readonly IgnoreRule[]
}

/** Options of `toPeakBelow`. */
export interface PeakOptions {
  /** Calls before the first one that is watched, 0 to 1,000,000. Default 1. */
  readonly warmup?: number
  /** Whether to look for the lines whose allocations were live at the peak, after a failure. Default true. */
  readonly sample?: boolean
  /** Mean bytes between two samples, 1 to 1,073,741,824. Default: by the size of the peak. */
  readonly samplingInterval?: number
}

const MOST_ROUNDS = 1000
const SAMPLES_AT_LIMIT = 10

/** A domain, or a list of some. */
export const domainRule: OptionRule = (value) => {
  const list = Array.isArray(value) ? value : [value]
  return list.length > 0 &&
    new Set(list).size === list.length &&
    list.every((one) => DOMAINS.includes(one as Domain))
    ? undefined
    : "'heap', 'arrayBuffer' or 'native', or a list of them, each at most once"
}

const ignoreRule: OptionRule = (value) => {
  const list = Array.isArray(value) ? value : [value]
  return list.every((rule) => typeof rule === 'function' || (typeof rule === 'string' && rule !== ''))
    ? undefined
    : "a glob such as 'src/log/**', a function of a frame, or a list of them"
}

const { sample, samplingInterval, warmup, runs } = callRules

export function checkAllocateOptions(what: string, options: AllocateOptions | undefined): AllocateOptions {
  const given = checkOptions(what, options, {
    ...callRules,
    domain: domainRule,
    ignore: ignoreRule,
    workers: boolean,
  })
  if (given.workers === true) {
    if (given.ignore !== undefined)
      throw noWorkers(what, '`ignore`: the lines of other threads are not known')
    if (domainsOf(given.domain).includes('native')) {
      throw noWorkers(
        what,
        "the domain 'native': it is counted for this thread. `measureProcess()` counts all of it",
      )
    }
  }
  return given
}

export function checkNothingOptions(what: string, options: NothingOptions | undefined): NothingOptions {
  return checkOptions(what, options, { ...callRules, domain: domainRule })
}

export function checkRetainOptions(what: string, options: RetainOptions | undefined): RetainOptions {
  return checkOptions(what, options, {
    warmup,
    runs,
    rounds: integer(FEWEST_ROUNDS, MOST_ROUNDS),
    sample,
    samplingInterval,
    domain: domainRule,
    ignore: ignoreRule,
  })
}

export function checkPeakOptions(what: string, options: PeakOptions | undefined): PeakOptions {
  return checkOptions(what, options, { warmup, sample, samplingInterval })
}

function noWorkers(what: string, why: string): HeapproofError {
  return new HeapproofError('invalid-argument', `${what}: workers cannot be counted together with ${why}`)
}

/** The domains of an option that may be one or a list; in the order of `DOMAINS`. */
export function domainsOf(domain: Domain | readonly Domain[] | undefined): readonly Domain[] {
  if (domain === undefined) return USUAL_DOMAINS
  return DOMAINS.filter((one) => one === domain || domain.includes(one))
}

/**
 * Refuses a sampling interval that says nothing about a limit: of so few samples the number would be off by a third or
 * more (the relative standard error is 1 / sqrt(samples)).
 *
 * @throws HeapproofError `invalid-argument`.
 */
export function checkResolution(what: string, limit: number, interval: number | undefined): void {
  if (interval === undefined || interval === 1 || interval * SAMPLES_AT_LIMIT <= limit) return
  const most = Math.max(1, Math.floor(limit / SAMPLES_AT_LIMIT))
  throw new HeapproofError(
    'invalid-argument',
    `${what}: the limit is too fine for a samplingInterval of ${interval}: with fewer than ${SAMPLES_AT_LIMIT} samples ` +
      `in as many bytes as the limit nobody can tell; use at most ${most}, or leave it out`,
  )
}

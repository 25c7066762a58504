import { HeapproofError } from '../errors.js'
import type { AskedSampling } from '../format/header.js'
import { boolean, checkOptions, integer, type OptionRule } from '../text/options.js'
import { show } from '../text/show.js'
import { DOMAINS, type Domain } from '../types.js'
import { type SamplingProbability, tableFrom } from './sampling-table.js'

/** How {@link start} records. */
export interface StartOptions {
  /** Mean bytes between two samples, 1 to 1,073,741,824. Default 131,072. 1 records every allocation, slowly. */
  readonly samplingInterval?: number
  /** In place of an interval: the chance of an allocation by its size. `{}` records every allocation. */
  readonly samplingProbability?: SamplingProbability
  /** Frames kept of each stack, leaf first, 1 to 1024. Default 128. */
  readonly stackDepth?: number
  /** What is recorded. Default `['heap', 'arrayBuffer']`. `native`, what C++ takes from malloc, is there on Linux. */
  readonly domains?: readonly Domain[]
  /**
   * Where samples of the heap come from. `direct`: V8 tells each one as it allocates. `polled`: V8 is asked for them
   * around collections, through its public interface only. Default `auto`: direct where that works.
   */
  readonly source?: 'auto' | 'direct' | 'polled'
  /**
   * Whether V8's quick optimising compiler is switched off, for good, since in its code only functions can be told, not
   * lines. Default true. Node 24 and later lean on it: programs that run for seconds take up to half as much time more
   * without it. With false, what it compiled is marked as approximate.
   */
  readonly exactLines?: boolean
  /**
   * A whole number from 1 to 2^53 - 1 makes the choice among array buffers and native memory repeatable. V8's choice
   * among the objects of its heap follows Node's own option --random-seed.
   */
  readonly seed?: number
}

/** {@link StartOptions}, checked, with every value there. */
export interface Settings {
  readonly sampling: AskedSampling
  readonly stackDepth: number
  readonly domains: readonly Domain[]
  readonly source: 'auto' | 'direct' | 'polled'
  readonly exactLines: boolean
  /** 0 when none was given. */
  readonly seed: number
}

/** Greatest sampling interval in bytes. */
export const MAX_SAMPLING_INTERVAL = 2 ** 30

/** Greatest number of frames of a stack. */
export const MAX_STACK_DEPTH = 1024

/** Frames kept of a stack when nothing else is asked for. */
export const DEFAULT_STACK_DEPTH = 128

const SOURCES = ['auto', 'direct', 'polled'] as const

/** A list of domains, each at most once. */
export const domainList: OptionRule = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  new Set(value).size === value.length &&
  value.every((domain) => (DOMAINS as readonly unknown[]).includes(domain))
    ? undefined
    : "a list of 'heap', 'arrayBuffer' and 'native', each at most once"

const rules = {
  samplingInterval: integer(1, MAX_SAMPLING_INTERVAL),
  samplingProbability: () => undefined, // tableFrom says more precisely what is wrong with it
  stackDepth: integer(1, MAX_STACK_DEPTH),
  domains: domainList,
  source: (value: unknown) =>
    (SOURCES as readonly unknown[]).includes(value) ? undefined : "'auto', 'direct' or 'polled'",
  exactLines: boolean,
  seed: integer(1, Number.MAX_SAFE_INTEGER),
}

/** Checks the options of a recording and fills in the defaults. @throws HeapproofError `invalid-argument`. */
export function settingsFrom(options: StartOptions | undefined): Settings {
  const given = checkOptions('start', options, rules)
  return {
    sampling: samplingFrom(given),
    stackDepth: given.stackDepth ?? DEFAULT_STACK_DEPTH,
    domains: [...(given.domains ?? (['heap', 'arrayBuffer'] as const))],
    source: given.source ?? 'auto',
    // The polled source knows no lines anyway.
    exactLines: (given.exactLines ?? true) && given.source !== 'polled',
    seed: given.seed ?? 0,
  }
}

function samplingFrom({ samplingInterval, samplingProbability }: StartOptions): AskedSampling {
  if (samplingProbability === undefined) return { interval: samplingInterval ?? 131_072 }
  if (samplingInterval === undefined) {
    return { table: tableFrom('start: samplingProbability', samplingProbability) }
  }
  throw new HeapproofError(
    'invalid-argument',
    'start: samplingInterval and samplingProbability are two ways to say the same: give one of them',
  )
}

/** The rule as the addon takes it: `[interval]`, or `[0, bound, probability, ...]`. */
export function ruleOf(sampling: AskedSampling): Float64Array {
  return 'interval' in sampling
    ? Float64Array.of(sampling.interval)
    : Float64Array.from([0, ...sampling.table.flat()])
}

/** Checks the form of a file base. @throws HeapproofError `invalid-argument`. */
export function checkFileBase(fileBase: unknown): asserts fileBase is string {
  if (typeof fileBase !== 'string' || fileBase === '' || fileBase.includes('\0')) {
    throw new HeapproofError(
      'invalid-argument',
      `fileBase must be the path of the profile without an extension, received ${show(fileBase)}`,
    )
  }
}

import { HeapproofError } from '../errors.js'
import { checkOptions, integer, type OptionRule } from '../text/options.js'
import { show } from '../text/show.js'

const RECORDABLE = ['heap', 'arrayBuffer'] as const

/** A domain that a recording can follow. */
export type RecordableDomain = (typeof RECORDABLE)[number]

/** How {@link start} records. */
export interface StartOptions {
  /** Mean bytes between two samples, 1 to 1,073,741,824. Default 131,072. 1 records every allocation, slowly. */
  readonly samplingInterval?: number
  /** Frames kept of each stack, leaf first, 1 to 1024. Default 128. */
  readonly stackDepth?: number
  /** What is recorded. Default both: `['heap', 'arrayBuffer']`. */
  readonly domains?: readonly RecordableDomain[]
}

/** {@link StartOptions} with every value there. */
export type Settings = Required<StartOptions>

/** Greatest sampling interval in bytes. */
export const MAX_SAMPLING_INTERVAL = 2 ** 30

/** Greatest number of frames of a stack. */
export const MAX_STACK_DEPTH = 1024

const domains: OptionRule = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  new Set(value).size === value.length &&
  value.every((domain) => (RECORDABLE as readonly unknown[]).includes(domain))
    ? undefined
    : "a list of 'heap' and 'arrayBuffer', each at most once"

const rules = {
  samplingInterval: integer(1, MAX_SAMPLING_INTERVAL),
  stackDepth: integer(1, MAX_STACK_DEPTH),
  domains,
}

/** Checks the options of a recording and fills in the defaults. @throws HeapproofError `invalid-argument`. */
export function settingsFrom(options: StartOptions | undefined): Settings {
  const given = checkOptions('start', options, rules)
  return {
    samplingInterval: given.samplingInterval ?? 131_072,
    stackDepth: given.stackDepth ?? 128,
    domains: [...(given.domains ?? RECORDABLE)],
  }
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

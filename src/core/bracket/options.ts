import { HeapproofError } from '../errors.js'
import { MAX_SAMPLING_INTERVAL } from '../session/options.js'
import { parseSize, type Size } from '../text/bytes.js'
import { boolean, checkOptions, integer, type OptionRule } from '../text/options.js'
import { show } from '../text/show.js'
import { type HeapLimits, readLimits } from './limits.js'

/** Limits for some of the test files. */
export interface LimitsFor {
  /** Globs, relative to the root of the project: `'src/parser/**'`. */
  readonly files: string | readonly string[]
  readonly limits: HeapLimits
}

/** How tests are recorded. */
export interface ProfileOptions {
  /** Mean bytes between two samples, 1 to 1,073,741,824. Default 131,072. */
  readonly samplingInterval?: number
  /** Of which tests the profile stays on disk. Default `failed`. */
  readonly keep?: 'failed' | 'all' | 'none'
  /** The most that all profiles of a project together may take on disk; the oldest go first. Default `'100MB'`. */
  readonly maxSize?: Size
}

/** What a runner's integration can be told about measuring tests. */
export interface BracketOptions {
  /** Limits for every test. */
  readonly limits?: HeapLimits
  /** Limits for the tests of some files, on top of `limits`; of several that match, a later one overrides an earlier. */
  readonly limitsFor?: readonly LimitsFor[]
  /** Whether and how each test is recorded. */
  readonly profile?: false | ProfileOptions
  /**
   * Whether a Node that the addon was not built for is an error. Default true. With false the tests run all the same,
   * unmeasured, after one warning.
   */
  readonly required?: boolean
  /**
   * Whether V8 optimises each function at the same call in every run, and keeps what it optimised from test to test, so
   * that the same body allocates the same. Default true. With false its compilers work beside the program and it collects
   * its heap when it likes, as without heapproof.
   */
  readonly steady?: boolean
}

/** {@link ProfileOptions} with every value there. */
export interface ProfileSettings {
  readonly samplingInterval: number
  readonly keep: 'failed' | 'all' | 'none'
  /** Bytes. */
  readonly maxSize: number
}

const KEEP: readonly unknown[] = ['failed', 'all', 'none']
const anything: OptionRule = () => undefined

/** The rules of {@link BracketOptions}, for `checkOptions`; what is inside them is checked by {@link checkBracketOptions}. */
export const bracketRules = {
  limits: anything,
  limitsFor: (value: unknown) =>
    Array.isArray(value) ? undefined : "a list, such as [{ files: 'src/**', limits: { allocated: '5MB' } }]",
  profile: (value: unknown) =>
    value === false || (typeof value === 'object' && value !== null) ? undefined : 'false or an object',
  required: boolean,
  steady: boolean,
} satisfies Record<keyof BracketOptions, OptionRule>

/**
 * Checks what is inside of options whose names were checked already. `what` names them in errors.
 *
 * @throws HeapproofError `invalid-argument`, `invalid-size`.
 */
export function checkBracketOptions(what: string, options: BracketOptions): void {
  readLimits(`${what}: limits`, options.limits, false)
  for (const [index, each] of (options.limitsFor ?? []).entries()) {
    const name = `${what}: limitsFor[${index}]`
    const { files, limits } = checkOptions<LimitsFor>(name, each, { files: globs, limits: anything })
    if (files === undefined || limits === undefined) {
      throw new HeapproofError(
        'invalid-argument',
        `${name}: expected files and limits, received ${show(each)}`,
      )
    }
    readLimits(`${name}: limits`, limits, false)
  }
  profileSettings(what, options.profile)
}

/** Fills in the defaults; undefined when tests are not to be recorded. @throws HeapproofError as above. */
export function profileSettings(
  what: string,
  profile: false | ProfileOptions | undefined,
): ProfileSettings | undefined {
  if (profile === false) return undefined
  const name = `${what}: profile`
  const given = checkOptions<ProfileOptions>(name, profile, {
    samplingInterval: integer(1, MAX_SAMPLING_INTERVAL),
    keep: (value) => (KEEP.includes(value) ? undefined : "'failed', 'all' or 'none'"),
    maxSize: anything,
  })
  return {
    samplingInterval: given.samplingInterval ?? 131_072,
    keep: given.keep ?? 'failed',
    maxSize: parseSize(given.maxSize ?? '100MB', `${name}.maxSize`).bytes,
  }
}

const globs: OptionRule = (value) => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const good = list.length > 0 && list.every((glob) => typeof glob === 'string' && glob !== '')
  return good ? undefined : 'a glob or a list of globs'
}

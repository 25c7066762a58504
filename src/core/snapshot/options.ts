import { type AllocateOptions, domainRule } from '../expect/options.js'
import { callRules } from '../measure/options.js'
import { boolean, checkOptions, integer, type OptionRule } from '../text/options.js'
import { readAllowed } from './amount.js'
import { SITES_LISTED } from './render.js'
import type { Allowed } from './types.js'

/** How far a number may be from the stored one: a part of it, or bytes. */
export type Tolerance = `${number}%` | `${number}${'B' | 'kB' | 'MB'}` | `${number} ${'B' | 'kB' | 'MB'}`

/** What holds for a snapshot, and can be set for a project and for a call. */
interface Comparing {
  /**
   * How far totals may be off, and sites besides what sampling makes uncertain. Default: what the measurement itself is
   * sure of, `'10%'` for functions, `'25%'` and 64 KiB for whole tests.
   */
  readonly tolerance?: Tolerance
  /** How many sites a new snapshot lists at most, 0 to 100. Default 10. */
  readonly sites?: number
  /** Whether it fails, too, when less is allocated than is stored. Default false: then it is only reported. */
  readonly ratchet?: boolean
}

/** Options of `toMatchHeapSnapshot` and `toMatchInlineHeapSnapshot`. */
export interface HeapSnapshotOptions
  extends Comparing,
    Pick<AllocateOptions, 'runs' | 'sample' | 'samplingInterval' | 'domain'> {
  /**
   * Calls before the first counted one, 0 to 1,000,000. Default: as many as fit into 100 ms of processor time, from 2 to
   * 1,000, so that V8 has compiled the function as well as it will.
   */
  readonly warmup?: number
}

/** What a runner's integration can be told about heap snapshots. */
export interface SnapshotsOptions extends Comparing {
  /** Whether every test's whole body has a snapshot. Default false. */
  readonly tests?: boolean
  /**
   * What happens in another environment than the one that is stored. `each`: it gets a block of its own in the same
   * snapshot. `first`: it is not compared, and the test passes. Default `each`.
   */
  readonly environments?: 'each' | 'first'
  /** Whether V8's choices are made to repeat, so that the same code reads the same. Default false. */
  readonly reproducible?: boolean
}

/** {@link SnapshotsOptions} with every value there that has a default. Plain data. */
export interface SnapshotSettings {
  readonly tests: boolean
  readonly tolerance: Allowed | undefined
  readonly sites: number
  readonly ratchet: boolean
  readonly environments: 'each' | 'first'
  readonly reproducible: boolean
}

const toleranceRule: OptionRule = (value) =>
  typeof value === 'string' && readAllowed(value) !== undefined
    ? undefined
    : "a percentage or a size, such as '10%' or '20 kB'"

const comparing = { tolerance: toleranceRule, sites: integer(0, 100), ratchet: boolean }

/** For `checkOptions`; what is inside is checked by {@link snapshotSettings}. */
export const snapshotsRule: OptionRule = (value) =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null)
    ? undefined
    : 'true, false or an object'

/**
 * Checks the options of a project and fills in the defaults; `true` stands for `{ tests: true }`.
 *
 * @throws HeapproofError `invalid-argument`.
 */
export function snapshotSettings(
  what: string,
  snapshots: boolean | SnapshotsOptions | undefined,
): SnapshotSettings {
  const given = checkOptions<SnapshotsOptions>(
    `${what}: snapshots`,
    typeof snapshots === 'boolean' ? { tests: snapshots } : snapshots,
    {
      ...comparing,
      tests: boolean,
      environments: (value) => (value === 'each' || value === 'first' ? undefined : "'each' or 'first'"),
      reproducible: boolean,
    },
  )
  return {
    tests: given.tests ?? false,
    tolerance: toleranceOf(given),
    sites: given.sites ?? SITES_LISTED,
    ratchet: given.ratchet ?? false,
    environments: given.environments ?? 'each',
    reproducible: given.reproducible ?? false,
  }
}

/** Checks the options of a call. @throws HeapproofError `invalid-argument`. */
export function checkHeapSnapshotOptions(
  what: string,
  options: HeapSnapshotOptions | undefined,
): HeapSnapshotOptions {
  return checkOptions(what, options, { ...callRules, domain: domainRule, ...comparing })
}

/** The settings of a project as a call changes them. */
export function settingsFor(settings: SnapshotSettings, options: HeapSnapshotOptions): SnapshotSettings {
  return {
    ...settings,
    tolerance: toleranceOf(options) ?? settings.tolerance,
    sites: options.sites ?? settings.sites,
    ratchet: options.ratchet ?? settings.ratchet,
  }
}

function toleranceOf({ tolerance }: Comparing): Allowed | undefined {
  return tolerance === undefined ? undefined : readAllowed(tolerance)
}

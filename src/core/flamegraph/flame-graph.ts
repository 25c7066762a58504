import { HeapproofError } from '../errors.js'
import { profilesOf } from '../export/profiles-of.js'
import { AT, DOMAIN } from '../export/rules.js'
import { type At, type ViewOptions, viewOf } from '../export/view.js'
import type { Reader } from '../reader.js'
import { checkOptions, type OptionRule } from '../text/options.js'
import type { Snapshot } from '../tracemalloc/snapshot.js'
import type { Domain } from '../types.js'
import { FLAME_VALUES, type FlameGraph, type FlameValue, flameGraphOf } from './of-view.js'

export type { FlameGraph, FlameValue }

export interface FlameGraphOptions {
  /**
   * - `'live'`: not freed at the time `at`, whenever it was allocated
   * - `'allocated'`: all that was allocated from `from` to `at`
   * - `'retained'`: what of that was not freed at `at`
   * - `'temporary'`: what of that was
   *
   * Default: `'live'` of a snapshot and when `at` is given without `from`, and `'allocated'` otherwise.
   */
  readonly value?: FlameValue | undefined
  /** Seconds from the start, or `'peak'`, when most bytes were live, or `'end'`, which is the default. */
  readonly at?: At | undefined
  /** Seconds from the start; what was allocated up to then is left out. Not with `live`. Default: the start. */
  readonly from?: number | undefined
  /** Leaves out the other domains. */
  readonly domain?: Domain | undefined
}

const RULES: Record<keyof FlameGraphOptions, OptionRule> = {
  value: (value) =>
    (FLAME_VALUES as readonly unknown[]).includes(value)
      ? undefined
      : "'live', 'allocated', 'retained' or 'temporary'",
  at: AT,
  from: (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0
      ? undefined
      : 'a number of seconds from the start',
  domain: DOMAIN,
}

/**
 * The flame graph of recordings, which are taken as one, or of a snapshot: frozen data. {@link flameCollapsed} and
 * {@link flameSpeedscope} write it for others to draw.
 *
 * Cost: one walk through the events of each recording, three with `at: 'peak'`; memory grows with the number of stacks.
 *
 * @throws HeapproofError `invalid-argument`, `damaged-profile`.
 */
export function flameGraph(
  profile: Reader | readonly Reader[] | Snapshot,
  options?: FlameGraphOptions,
): FlameGraph {
  const taken = profilesOf('flameGraph', profile)
  const { at, from, domain, ...given } = checkOptions('flameGraph', options, RULES)
  const isSnapshot = 'traces' in taken
  if (isSnapshot && (at !== undefined || from !== undefined)) {
    throw refused('a snapshot has one time; `at` and `from` are for recordings')
  }
  const value = given.value ?? (isSnapshot || (at !== undefined && from === undefined) ? 'live' : 'allocated')
  if (isSnapshot && value !== 'live') throw refused(`a snapshot knows what is live, not what was ${value}`)
  if (value === 'live' && from !== undefined) {
    throw refused('`live` is what is live at one time; with `from`, ask for what was retained since')
  }
  return flameGraphOf(viewOf(taken, { at, from, domain } satisfies ViewOptions), value, from)
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', `flameGraph: ${sentence}`)
}

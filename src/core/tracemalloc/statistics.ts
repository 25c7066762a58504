import { HeapproofError } from '../errors.js'
import { boolean, checkOptions } from '../text/options.js'
import { show } from '../text/show.js'
import type { SnapshotTrace } from './content.js'
import { Grouper, type StatisticKey } from './group.js'
import { byChange, bySize, type Statistic, StatisticDiff } from './statistic.js'

/** How stacks are counted. */
export interface StatisticOptions {
  /** Counts a stack in all its frames, not in its newest alone. Not with `traceback`. Default false. */
  readonly cumulative?: boolean
}

/** The statistics of some traces, the greatest first. @throws HeapproofError `invalid-argument`. */
export function statisticsOf(
  traces: readonly SnapshotTrace[],
  key: StatisticKey,
  options: StatisticOptions | undefined,
): Statistic[] {
  const groups = grouper('statistics', key, options).statistics(traces)
  return [...groups.values()].sort(bySize)
}

/** The differences between the traces of two snapshots, the greatest first. @throws HeapproofError `invalid-argument`. */
export function compare(
  traces: readonly SnapshotTrace[],
  old: { readonly traces: readonly SnapshotTrace[] },
  key: StatisticKey,
  options: StatisticOptions | undefined,
): StatisticDiff[] {
  if (!Array.isArray(old?.traces)) {
    throw new HeapproofError('invalid-argument', `compareTo: expected a Snapshot, received ${show(old)}`)
  }
  const groups = grouper('compareTo', key, options)
  const before = groups.statistics(old.traces)
  const now = groups.statistics(traces)
  const diffs = Array.from(now, ([name, statistic]) => new StatisticDiff(statistic, before.get(name)))
  for (const [name, statistic] of before) {
    if (!now.has(name)) diffs.push(new StatisticDiff(undefined, statistic))
  }
  return diffs.sort(byChange)
}

function grouper(what: string, key: StatisticKey, options: StatisticOptions | undefined): Grouper {
  const { cumulative = false } = checkOptions(what, options, { cumulative: boolean })
  return new Grouper(what, key, cumulative)
}

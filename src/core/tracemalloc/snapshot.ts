import type { AskedSampling } from '../format/header.js'
import { checkOptions, type OptionRule } from '../text/options.js'
import type { SnapshotAttributes, SnapshotContent } from './content.js'
import { writeDump } from './dump.js'
import { allOf, type TraceFilter } from './filter.js'
import type { StatisticKey } from './group.js'
import { LiveTrace } from './live-trace.js'
import { readDump } from './load.js'
import type { Statistic, StatisticDiff } from './statistic.js'
import { compare, type StatisticOptions, statisticsOf } from './statistics.js'

export type { SnapshotAttributes, SnapshotContent, SnapshotTrace } from './content.js'

/** What `dump()` writes besides the snapshot. */
export interface DumpOptions {
  readonly attributes?: SnapshotAttributes
}

/**
 * Live bytes by trace at one time. A snapshot never changes, and needs nothing but itself: it stays as it is when the
 * program goes on, and after `stop()`.
 *
 * Live is what was not found dead: on the heap, what no garbage collection has freed yet.
 */
export class Snapshot {
  /** Every stack with live samples; the one with most bytes first. What heapproof itself holds is left out. */
  readonly traces: readonly LiveTrace[]
  /** Bytes of all traces. */
  readonly total: number
  /** Seconds since the start of the recording or live view. */
  readonly time: number
  /** What `start()` was asked for: an interval or a table. */
  readonly sampling: AskedSampling
  /** Frames kept of each stack, at most. */
  readonly tracebackLimit: number
  /** What `dump()` was given to keep with it; nothing in a snapshot that was not loaded. */
  readonly attributes: SnapshotAttributes

  constructor({ traces, time, sampling, tracebackLimit, attributes = {} }: SnapshotContent) {
    const sorted = [...traces].sort((a, b) => b.bytes - a.bytes || a.trace.index - b.trace.index)
    this.traces = Object.freeze(
      sorted.map((entry) => (entry instanceof LiveTrace ? entry : new LiveTrace(entry))),
    )
    this.total = sorted.reduce((sum, { bytes }) => sum + bytes, 0)
    this.time = time
    this.sampling = sampling
    this.tracebackLimit = tracebackLimit
    this.attributes = Object.freeze({ ...attributes })
    Object.freeze(this)
  }

  /**
   * Reads a file that `dump()` wrote. The file is data and nothing else: a stranger's does no harm.
   *
   * @throws HeapproofError `cannot-read`; `not-a-snapshot`; `unsupported-version` when a later heapproof wrote it;
   *   `damaged-snapshot`, which names the place.
   */
  static load(path: string): Snapshot {
    return new Snapshot(readDump(path))
  }

  /** Mean bytes between samples; 0 with a table. */
  get samplingInterval(): number {
    return 'interval' in this.sampling ? this.sampling.interval : 0
  }

  /**
   * What is live by line (`lineno`), file (`filename`), function or whole stack (`traceback`), the greatest first. A
   * stack counts where its newest frame is; with `cumulative` in every frame it goes through, once in each line, file or
   * function however often it recurs there. (CPython's tracemalloc counts a stack once for each of its frames, so that
   * recursion makes more bytes out of few.)
   *
   * Cost: one walk through the traces, and with `cumulative` or `traceback` through all frames of each: about a second
   * for 100,000 traces.
   *
   * @throws HeapproofError `invalid-argument`.
   */
  statistics(key: StatisticKey, options?: StatisticOptions): Statistic[] {
    return statisticsOf(this.traces, key, options)
  }

  /**
   * What has changed since an older snapshot, in the same groups as `statistics`, the greatest change first, be it more
   * or less. What is gone has size and count 0 and a difference below 0.
   *
   * Both are estimates: a difference of a few samples may be chance. `samples` and `samplesDiff` say how many there were.
   *
   * @throws HeapproofError `invalid-argument`.
   */
  compareTo(old: Snapshot, key: StatisticKey, options?: StatisticOptions): StatisticDiff[] {
    return compare(this.traces, old, key, options)
  }

  /**
   * A snapshot of those traces that filters let through: at least one of the inclusive ones, if there are any, and every
   * exclusive one. All traces without filters.
   *
   * @throws HeapproofError `invalid-argument` when it is no list of filters.
   */
  filterTraces(filters: Iterable<TraceFilter>): Snapshot {
    const keep = allOf(filters)
    return new Snapshot({ ...this, traces: this.traces.filter(({ trace }) => keep(trace)) })
  }

  /**
   * Writes the snapshot to a JSON file, in place of what was there, for `Snapshot.load()`. `attributes` are kept with it,
   * beside those it was loaded with; they come back as JSON has them.
   *
   * @throws HeapproofError `invalid-argument`; `cannot-write`, also when it would take more than 64 MiB.
   */
  dump(path: string, options?: DumpOptions): void {
    const { attributes } = checkOptions('dump', options, { attributes: anObject })
    writeDump(path, { ...this, attributes: { ...this.attributes, ...attributes } })
  }
}

const anObject: OptionRule = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'an object'

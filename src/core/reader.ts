import { HeapproofError } from './errors.js'
import { eventAt, type ProfileEvent } from './events.js'
import { collapsed } from './export/collapsed.js'
import { viewOf } from './export/view.js'
import { flameGraphOf } from './flamegraph/of-view.js'
import { dotText } from './flowgraph/dot.js'
import { type FlowGraph, flowGraphOf } from './flowgraph/flow-graph.js'
import { checkDrawOptions } from './flowgraph/options.js'
import type { EventCursor } from './format/cursor.js'
import { findProfile } from './format/files.js'
import type { Header } from './format/header.js'
import type { DigestReader } from './format/hpc-reader.js'
import type { Recording } from './format/recording.js'
import type { Sampling } from './format/sampling.js'
import type { Summary } from './format/summary.js'
import type { ReadOptions } from './heapprof/open.js'
import { type DigestOptions, Digests, microsOf, numberAt } from './reader/digests.js'
import { Facts, factorsOf, samplingOf } from './reader/facts.js'
import { KnownTraces } from './reader/known-traces.js'
import { type Line, LineFinder } from './reader/lines.js'
import { openRecording } from './reader/open.js'
import { type Peak, peakOf } from './reader/peak.js'
import { rawFrames, SourceTexts, type SourceTrace } from './reader/raw-trace.js'
import { remember } from './reader/recording-of.js'
import { SnapshotMaker, Snapshots } from './reader/snapshots.js'
import { type Span, spanOf } from './reader/span.js'
import { type Usage, usageOfDomains, usageOfThreads, usageOfTraces } from './reader/usage.js'
import { writeText } from './reader/write-text.js'
import { boolean, checkOptions, type OptionRule, text } from './text/options.js'
import { type TimePlot, timePlotOf } from './timeplot/time-plot.js'
import type { StatisticKey } from './tracemalloc/group.js'
import type { Snapshot } from './tracemalloc/snapshot.js'
import type { StatisticDiff } from './tracemalloc/statistic.js'
import type { StatisticOptions } from './tracemalloc/statistics.js'
import { Traces } from './traces.js'
import type { Counters, Domain, Trace } from './types.js'

export { recordingOf } from './reader/recording-of.js'
export type { ProfileEvent }
/**
 * Opens a recording: `<fileBase>.hpm` and `<fileBase>.hpd`. The name of either file may be given instead of the base.
 *
 * A recording that was cut, or is still being written, is read as far as it goes: it is never an error that a file ends
 * early, not even when it is empty. `reader.truncated` tells how much was left out.
 *
 * Cost: reads the whole .hpm, and nothing of the .hpd but its first bytes; memory grows with the number of stacks, not
 * with the number of events.
 *
 * Recordings that heapprof made of Python programs are read too: docs/heapprof-files.md.
 *
 * Throws HeapproofError: `invalid-argument`, `profile-not-found`, `cannot-read`, `not-a-profile`,
 * `unsupported-version`, `damaged-profile`. The last one can also come from everything that walks the events.
 */
export function read(fileBase: string, options?: ReadOptions): Reader {
  return new Reader(openRecording(findProfile(fileBase), options))
}

/** Where source texts may come from. */
export interface SourceOptions {
  readonly sourceRoot?: string | undefined
}

export interface UsageOptions {
  readonly cumulative?: boolean | undefined
}

export interface TimePlotOptions extends UsageOptions {
  /** What has a line of its own when no lines of source are given. */
  readonly by?: 'domain' | 'thread' | undefined
}

/** A span of time, in seconds since the start. */
export interface SpanOptions {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

const groups: OptionRule = (value) =>
  value === 'domain' || value === 'thread' ? undefined : "'domain' or 'thread'"

const seconds: OptionRule = (value) =>
  typeof value === 'number' && !Number.isNaN(value) ? undefined : 'a number of seconds'

/** An open recording. Holds one file open until `close()`, or until the end of the scope with `using`. */
export class Reader {
  /** Path of the two files without their extensions. */
  readonly fileBase: string
  /** Undefined when the recording was cut before its header was written. */
  readonly header: Header | undefined
  /** How many traces there are: `trace(1)` to `trace(traceCount)`. */
  readonly traceCount: number

  readonly #recording: Recording
  readonly #traces: Traces
  readonly #known: KnownTraces
  readonly #facts: Facts
  readonly #digests: Digests
  readonly #makers = new WeakMap<DigestReader, SnapshotMaker>()
  readonly #sources = new SourceTexts()
  #lines: LineFinder | undefined
  #peak: Peak | undefined

  /** Made by `read()`. */
  constructor(recording: Recording) {
    const { fileBase, tables } = recording
    this.fileBase = fileBase
    this.header = tables.header
    this.#recording = recording
    this.#traces = new Traces(tables)
    this.traceCount = this.#traces.count
    this.#known = new KnownTraces(this.#traces)
    this.#facts = new Facts(recording)
    remember(this, { recording, facts: this.#facts })
    this.#digests = new Digests(recording, this.#facts, this.#known)
  }

  /** Mean bytes between samples as asked for at the start; 0 with a table, and when there is no header. */
  get samplingInterval(): number {
    return this.header?.samplingInterval ?? 0
  }

  /** When it began, in milliseconds since 1970, with a fraction; 0 when there is no header. */
  get initialTime(): number {
    return this.header?.startTime ?? 0
  }

  /** When the last event was, in milliseconds since 1970. */
  get finalTime(): number {
    return this.initialTime + this.duration * 1000
  }

  /**
   * Seconds from the start to the last event. Walks all events the first time, like the next four, unless a digest is
   * beside the recording.
   */
  get duration(): number {
    return this.#summary.time / 1e6
  }

  /** Bytes at the ends of the two files that could not be used, because the recorder did not finish them. */
  get truncated(): number {
    return this.#recording.metadataIgnored + this.#summary.ignored
  }

  /** The exact counters as they were last written; undefined when they never were. */
  get counters(): Counters | undefined {
    return this.#summary.counters
  }

  /** How it ended: undefined when it was cut, `''` when `stop()` was called, else why it stopped itself. */
  get end(): string | undefined {
    return this.#summary.end
  }

  /** How each domain was sampled; a domain that was not recorded is not there. */
  get sampling(): Readonly<Partial<Record<Domain, Sampling>>> {
    return samplingOf(this.#summary)
  }

  /** The stack with this index. Any index without a trace gives the unknown trace: index 0, domain heap, no frames. */
  trace(index: number): Trace
  /**
   * The same, its frames with the text of their lines as `source`: of files under the folder `sourceRoot` alone, whatever
   * the recording names.
   */
  trace(index: number, options: SourceOptions): SourceTrace
  trace(index: number, options?: SourceOptions): Trace | SourceTrace {
    const { sourceRoot } = checkOptions('trace', options, { sourceRoot: text })
    const trace = this.#traces.at(index)
    return sourceRoot === undefined ? trace : this.#sources.add(trace, sourceRoot)
  }

  /** The stack with this index as it was recorded: functions, files and lines before any source map. */
  rawTrace(index: number): Trace {
    const trace = this.#traces.at(index)
    return { ...trace, frames: rawFrames(this.#recording.tables, trace.index) }
  }

  /** The domain of a trace, without its frames: fast. */
  domainOf(index: number): Domain {
    return this.#traces.domainOf(index)
  }

  /** All events in the order of time. Read from the file as they are asked for; each call starts at the beginning. */
  *events(): Generator<ProfileEvent, void, undefined> {
    const cursor = this.cursor()
    while (cursor.next()) yield eventAt(cursor)
  }

  /** All events without an object for each: for reductions over millions of them. */
  cursor(): EventCursor {
    return this.#facts.cursor()
  }

  /** Whether a digest is beside the recording, made from all that was there of it when it was opened. */
  get hasDigest(): boolean {
    return this.#digests.beside !== undefined
  }

  /**
   * Writes the digest `<fileBase>.hpc`, in place of one that is there: what is live when, so that `snapshotAt()` and its
   * like need not walk all events each time the recording is opened. Readers see the old one until the new one is whole.
   *
   * Works in turns of some milliseconds, so that `signal` can end it: then the digest goes as far as it has come, and the
   * signal's reason is thrown. Of a recording that is still being written, the digest goes up to where it was opened.
   *
   * Cost: some 5 million events a second, two walks when no interval is given; memory grows with the number of stacks.
   *
   * @throws HeapproofError `invalid-argument`; `cannot-write`: reading works without the file as well; `damaged-profile`.
   */
  async makeDigest(options?: DigestOptions): Promise<void> {
    await this.#digests.make(options)
  }

  /** Seconds between snapshots: of the digest beside the recording, or of the one that is made when it is needed. */
  get snapshotInterval(): number {
    return this.#digests.interval / 1e6
  }

  /**
   * What is live at the start, at each interval and at the last event. From the digest beside the recording, else from one
   * that is made in memory, the first time: a walk through all events. Writes no file.
   *
   * What heapproof itself holds is left out, and estimates are in the measure of the exact counters, like those of
   * `sites()`.
   */
  snapshots(): Snapshots {
    return new Snapshots(this.#maker(this.#digests.any))
  }

  /**
   * The last snapshot that is not after `time` seconds from the start; the first or the last one for times outside of the
   * recording. Its own `time` says whose state it is: that behind all events up to it.
   *
   * Cost: as `snapshots()` the first time, then a part of the digest.
   *
   * @throws HeapproofError `invalid-argument`, `damaged-profile`.
   */
  snapshotAt(time: number): Snapshot {
    const micros = microsOf('snapshotAt', time)
    const digest = this.#digests.at(micros)
    return this.#maker(digest).snapshot(numberAt(digest, micros))
  }

  /** What has changed from one time to another; `key` and options are those of `snapshot.compareTo()`. */
  compare(
    from: number,
    to: number,
    key: StatisticKey = 'lineno',
    options?: StatisticOptions,
  ): StatisticDiff[] {
    const old = this.snapshotAt(from)
    return this.snapshotAt(to).compareTo(old, key, options)
  }

  /**
   * Writes what is live at a time as collapsed stacks, for `flamegraph.pl`, speedscope and their like; `exportProfile()`
   * writes other formats. The snapshot is that of `snapshotAt()`. Replaces what is there.
   *
   * @throws HeapproofError `invalid-argument`, `cannot-write`, `damaged-profile`.
   */
  writeFlameGraph(path: string, time: number = Number.POSITIVE_INFINITY): void {
    writeText(path, collapsed(this.snapshotAt(time)))
  }

  /** Which lines call which, and how many bytes are live in each, at the snapshot of `snapshotAt(time)`. */
  flowGraphAt(time: number): FlowGraph {
    return flowGraphOf(flameGraphOf(viewOf(this.snapshotAt(time)), 'live'))
  }

  /**
   * Writes the flow graphs of several times as one, in the language of Graphviz. Replaces what is there.
   * `flowGraphDot()` has options.
   *
   * @throws HeapproofError `invalid-argument`, `cannot-write`, `damaged-profile`.
   */
  compareFlowGraphs(path: string, ...times: readonly number[]): void {
    if (times.length === 0) {
      throw new HeapproofError('invalid-argument', 'compareFlowGraphs: expected at least one time')
    }
    const graphs = times.map((time) => this.flowGraphAt(time))
    writeText(path, [dotText(graphs, checkDrawOptions('compareFlowGraphs', undefined))])
  }

  /**
   * When most bytes were live, and how many: by every event, not only at snapshots. All 0 when nothing was.
   *
   * Cost: one walk through all events, and another one when nothing has walked them before; none the second time.
   */
  peak(): Peak {
    const { traceDomains } = this.#recording.tables
    const factors = this.#factors
    this.#peak ??= peakOf(this.cursor(), factors, traceDomains, (trace) => this.#known.isOwn(trace))
    return this.#peak
  }

  /**
   * Live bytes of lines over time, at the time of every snapshot: `usage({cache: 'src/cache.ts:14'})`. By default of all
   * stacks that go through a line; with `cumulative: false` of those that are charged to it, as `self` of `sites()`.
   *
   * @throws HeapproofError `invalid-argument` when something is no line; `unknown-line` when no stack goes through it.
   */
  usage(lines: Readonly<Record<string, Line>> = {}, options?: UsageOptions): Usage<string> {
    const { cumulative = true } = checkOptions('usage', options, { cumulative: boolean })
    const { tables } = this.#recording
    this.#lines ??= new LineFinder(tables, this.#known)
    const finder = this.#lines
    const groups = new Map(
      Object.entries(lines).map(([name, line]) => [name, finder.find(line, cumulative)] as const),
    )
    return usageOfTraces(this.#maker(this.#digests.whole), groups, this.#known, tables.traceDomains)
  }

  /** Live bytes by domain over time, at the time of every snapshot. */
  usageByDomain(): Usage<Domain> {
    const { traceDomains } = this.#recording.tables
    return usageOfDomains(this.#maker(this.#digests.whole), this.#known, traceDomains)
  }

  /**
   * Live bytes over time by the thread that allocated them, at the same times. A digest does not know threads: this walks
   * all events.
   */
  usageByThread(): Usage<number> {
    const times = this.#digests.whole.index.frames.map(({ time }) => time)
    const { traceDomains } = this.#recording.tables
    return usageOfThreads(this.cursor(), times, this.#factors, this.#known, traceDomains)
  }

  /**
   * Live bytes over time, the garbage collections, and how much of it is of some lines: `timePlot({ cache:
   * 'src/cache.ts:14' })`, as `usage()` takes them. `timePlotSvg()` draws it.
   *
   * Cost: as `usage()`, and one walk through the events.
   *
   * @throws HeapproofError `invalid-argument`, `unknown-line`, `damaged-profile`.
   */
  timePlot(lines: Readonly<Record<string, Line>> = {}, options?: TimePlotOptions): TimePlot {
    const { by, cumulative } = checkOptions('timePlot', options, { by: groups, cumulative: boolean })
    if (by !== undefined && Object.keys(lines).length > 0) {
      throw new HeapproofError('invalid-argument', 'timePlot: give lines or `by`, not both')
    }
    const plot = <Name>(usage: Usage<Name>, nameOf: (name: Name) => string) =>
      timePlotOf(usage, nameOf, this.cursor())
    if (by === 'domain') {
      const { usage, ...rest } = this.usageByDomain()
      const used = [...usage].filter(([, bytes]) => bytes.some((number) => number > 0))
      return plot({ ...rest, usage: new Map(used) }, (domain) => domain)
    }
    if (by === 'thread') return plot(this.usageByThread(), (thread) => `thread ${thread}`)
    return plot(this.usage(lines, { cumulative }), (name) => name)
  }

  /**
   * What was allocated after `from` and up to `to`, in seconds from the start: all of it, what of it is live at `to`, and
   * what was temporary. Without `from` from the beginning, without `to` up to the end.
   *
   * Cost: a walk through all events, and another one when nothing has walked them before.
   *
   * @throws HeapproofError `invalid-argument`, `damaged-profile`.
   */
  span(options?: SpanOptions): Span {
    const { from = -Infinity, to = Infinity } = checkOptions('span', options, { from: seconds, to: seconds })
    const span = { from: microsOf('span', from), to: microsOf('span', to) }
    return spanOf(this.cursor(), span, this.#factors, this.#known)
  }

  /** Closes the file. Traces, and what was asked for before, can still be read. */
  close(): void {
    this.#digests.close()
    this.#recording.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  get #summary(): Summary {
    this.#digests.beside // knows, when there is one
    return this.#facts.summary
  }

  get #factors(): readonly number[] {
    this.#digests.beside
    return factorsOf(this.#facts.tallied)
  }

  #maker(digest: DigestReader): SnapshotMaker {
    let maker = this.#makers.get(digest)
    if (maker === undefined) {
      maker = new SnapshotMaker(digest, this.#known, this.header)
      this.#makers.set(digest, maker)
    }
    return maker
  }
}

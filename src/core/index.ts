import { startFromEnvironment } from './live/start-from-environment.js'

export type { Change } from './compare/changes.js'
export {
  type ComparedTest,
  type CompareOptions,
  compareRuns,
  type LoneTest,
  type RunComparison,
  type TestChange,
} from './compare/compare-runs.js'
export type { LineChange } from './compare/lines.js'
export { comparisonMarkdown } from './compare/markdown.js'
export { comparisonText } from './compare/text.js'
export type { DigestProgress } from './digest/steps.js'
export { HeapproofError } from './errors.js'
export type {
  AllocEvent,
  CollectionEvent,
  CountersEvent,
  EndEvent,
  FreeEvent,
  ProfileEvent,
  SamplingEvent,
} from './events.js'
export { type ExportFormat, type ExportOptions, exportProfile } from './export/export-profile.js'
export { flameCollapsed, flameDiffCollapsed } from './flamegraph/collapsed.js'
export { diffFlameGraphs, type FlameDiff, type FlameSide } from './flamegraph/diff.js'
export {
  type FlameGraph,
  type FlameGraphOptions,
  type FlameValue,
  flameGraph,
} from './flamegraph/flame-graph.js'
export type { FlameBytes, FlameFrame, FlameTree } from './flamegraph/flame-tree.js'
export { flameDiffSpeedscope, flameSpeedscope } from './flamegraph/speedscope.js'
export { flowGraph, flowGraphDot, flowGraphSvg } from './flowgraph/draw.js'
export type { FlowEdge, FlowGraph, FlowNode } from './flowgraph/flow-graph.js'
export type { FlowDrawOptions } from './flowgraph/options.js'
export type { AskedSampling, Header, MergedThread } from './format/header.js'
export type { Sampling, SizeRange } from './format/sampling.js'
export { SourceText } from './frames/source-text.js'
export { type HeapprofDigest, type HeapprofSnapshot, readHeapprofDigest } from './heapprof/digest.js'
export { exportHeapprof, type HeapprofExport, type HeapprofExportOptions } from './heapprof/export.js'
export type { ReadOptions } from './heapprof/open.js'
export type { TracedMemory } from './live/memory.js'
export {
  clearTraces,
  getSamplerMemory,
  getTracebackLimit,
  getTracedMemory,
  isTracing,
  resetPeak,
} from './live/memory.js'
export { getObjectTraceback } from './live/object-traceback.js'
export { takeSnapshot } from './live/take-snapshot.js'
export { measure } from './measure/measure.js'
export type { Measurement } from './measure/measurement.js'
export type { MeasureOptions } from './measure/options.js'
export type { Reading } from './measure/reading.js'
export { type MergedPart, type MergeOptions, mergeProfiles } from './merge/merge-profiles.js'
export { type MergedRun, mergeRuns } from './merge/merge-runs.js'
export { type FlameHtmlOptions, flameDiffHtml, flameHtml } from './page/flame-html.js'
export { type ReportPageOptions, writeReport } from './page/write-report.js'
export { measureProcess } from './process/measure-process.js'
export type { ProcessOptions } from './process/options.js'
export type { ProcessMeasurement, ProcessPart } from './process/process-measurement.js'
export type { DigestOptions } from './reader/digests.js'
export type { Line } from './reader/lines.js'
export type { Peak } from './reader/peak.js'
export type { SourceFrame, SourceTrace } from './reader/raw-trace.js'
export type { Snapshots } from './reader/snapshots.js'
export type { Span, SpanSums, SpanTrace } from './reader/span.js'
export type { Usage } from './reader/usage.js'
export {
  type Reader,
  read,
  type SourceOptions,
  type SpanOptions,
  type TimePlotOptions,
  type UsageOptions,
} from './reader.js'
export { type SiteSummary, type SitesOptions, sites } from './reduce/sites.js'
export { type ChildOptions, childEnvironment } from './session/child-environment.js'
export { isProfiling } from './session/is-profiling.js'
export type { StartOptions } from './session/options.js'
export { DEFAULT_SAMPLING_PROBABILITY, type SamplingProbability } from './session/sampling-table.js'
export { start } from './session/start.js'
export { stop } from './session/stop.js'
export {
  type UpdatedSnapshot,
  type UpdateOptions,
  updateSnapshots,
} from './snapshot-files/update-snapshots.js'
export { gatherStats, type StatsOptions } from './stats/gather-stats.js'
export { timePlotSvg } from './timeplot/svg.js'
export type { CollectionMark, TimePlot, TimeSeries } from './timeplot/time-plot.js'
export { DomainFilter, Filter, type FilterOptions, type TraceFilter } from './tracemalloc/filter.js'
export type { StatisticKey } from './tracemalloc/group.js'
export type { LiveTrace } from './tracemalloc/live-trace.js'
export {
  type DumpOptions,
  Snapshot,
  type SnapshotAttributes,
  type SnapshotContent,
  type SnapshotTrace,
} from './tracemalloc/snapshot.js'
export type { Statistic, StatisticDiff } from './tracemalloc/statistic.js'
export type { StatisticOptions } from './tracemalloc/statistics.js'
export { Traceback } from './tracemalloc/traceback.js'
export type { Counters, Domain, Frame, Site, Trace } from './types.js'

// HEAPPROOF_SAMPLING_INTERVAL starts a live view as soon as a program loads heapproof.
startFromEnvironment()

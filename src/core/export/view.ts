import type { Header } from '../format/header.js'
import { earliestStart, offsetOf } from '../merge/interleave.js'
import { recordingOf } from '../reader/recording-of.js'
import type { Reader } from '../reader.js'
import type { Snapshot } from '../tracemalloc/snapshot.js'
import { DOMAINS, type Domain } from '../types.js'
import { peakTime } from './peak.js'
import { addStacks, type RecordedStacks } from './read-stacks.js'
import { StackTree } from './stack-tree.js'
import { type Usage, usageOf } from './usage.js'
import { type Amount, type ViewTrace, ViewTraces } from './view-traces.js'

/** What all exports are made from. */
export interface ProfileView {
  readonly tree: StackTree
  /** Equal stacks are one trace, whichever recording they are from. Most bytes first. */
  readonly traces: readonly ViewTrace[]
  /** False when it was made from a snapshot, which knows what is live and nothing else. */
  readonly hasAllocated: boolean
  /** What `time` stands for, as it was asked for. */
  readonly at: At
  /** Seconds from the start, of the first recording to start. */
  readonly time: number
  /** Milliseconds since 1970; 0 when not known. */
  readonly startTime: number
  /** Mean bytes between samples; 0 with a table, and where recordings differ. */
  readonly samplingInterval: number
  readonly headers: readonly Header[]
}

/** A time in seconds from the start, or that at which most bytes were live, or the end. */
export type At = number | 'peak' | 'end'

export interface ViewOptions {
  /** Default `end`. Everything after it is left out, as if the recording had ended there. */
  readonly at?: At | undefined
  /** Seconds: leaves out what was allocated up to then. */
  readonly from?: number | undefined
  /** Leaves out the others. */
  readonly domain?: Domain | undefined
}

/**
 * Recordings, or a snapshot, as exports see them. What heapproof itself allocated is left out, and estimates are in the
 * measure of the exact counters, as with `sites()`; a snapshot is taken as it is.
 *
 * Cost: one walk through the events of each recording, three with `at: 'peak'`. Memory grows with the number of stacks.
 */
export function viewOf(profile: readonly Reader[] | Snapshot, options: ViewOptions = {}): ProfileView {
  return 'traces' in profile ? viewOfSnapshot(profile, options) : viewOfReaders(profile, options)
}

function viewOfReaders(
  readers: readonly Reader[],
  { at = 'end', from = -Infinity, domain }: ViewOptions,
): ProfileView {
  const tree = new StackTree()
  const traces = new ViewTraces()
  const stacks = readers.map((reader) => addStacks(recordingOf(reader).tables, tree))
  const earliest = earliestStart(readers)
  let until = Number.POSITIVE_INFINITY
  if (at === 'peak') until = peakOf(readers, stacks, domain)
  else if (at !== 'end') until = at * 1e6
  let end = 0
  readers.forEach((reader, index) => {
    const offset = offsetOf(reader, earliest)
    const { nodes, own } = stacks[index] as RecordedStacks
    const { traceTruncated } = recordingOf(reader).tables
    for (const usage of usageOf(reader, { from: from * 1e6 - offset, until: until - offset }).usages) {
      const { trace, thread } = usage
      const where = { node: nodes[trace] as number, domain: reader.domainOf(trace), thread }
      if (own[trace] === 1 || (domain !== undefined && where.domain !== domain)) continue
      traces.add({ ...where, truncated: traceTruncated[trace] as boolean }, allocatedBy(usage), liveIn(usage))
    }
    end = Math.max(end, offset + reader.duration * 1e6)
  })
  return {
    tree,
    traces: traces.take(),
    hasAllocated: true,
    at,
    time: Math.min(until, end) / 1e6,
    startTime: earliest,
    samplingInterval: common(readers.map(({ samplingInterval }) => samplingInterval)),
    headers: readers.flatMap(({ header }) => header ?? []),
  }
}

/** Microseconds from the earliest start. */
function peakOf(
  readers: readonly Reader[],
  stacks: readonly RecordedStacks[],
  domain: Domain | undefined,
): number {
  const [only, ...others] = readers
  if (only !== undefined && others.length === 0 && domain === undefined)
    return Math.round(only.peak().time * 1e6)
  const weighed = readers.map((reader, index) => {
    const { factors } = usageOf(reader)
    const { own } = stacks[index] as RecordedStacks
    const factorOf = (_: number, trace: number): number => {
      const its = reader.domainOf(trace)
      const counts = own[trace] === 0 && (domain === undefined || its === domain)
      return counts ? (factors[DOMAINS.indexOf(its)] as number) : 0
    }
    const { fileBase, header } = reader
    return { fileBase, header, cursor: () => reader.cursor(), factors: Float64Array.from(own, factorOf) }
  })
  return peakTime(weighed)
}

function viewOfSnapshot(snapshot: Snapshot, { domain }: ViewOptions): ProfileView {
  const tree = new StackTree()
  const traces = new ViewTraces()
  for (const { trace, bytes, allocations } of snapshot.traces) {
    if (domain !== undefined && trace.domain !== domain) continue
    const root = trace.frames.reduceRight((parent, frame) => tree.node(parent, tree.frame(frame)), 0)
    const where = { node: root, domain: trace.domain, thread: 'main', truncated: trace.truncated }
    traces.add(where, NOTHING, { bytes, allocations })
  }
  const { time, samplingInterval } = snapshot
  const at = time
  return {
    tree,
    traces: traces.take(),
    hasAllocated: false,
    at,
    time,
    startTime: 0,
    samplingInterval,
    headers: [],
  }
}

const NOTHING: Amount = { bytes: 0, allocations: 0 }

function allocatedBy({ bytes, allocations }: Usage): Amount {
  return { bytes, allocations }
}

function liveIn({ live, liveAllocations }: Usage): Amount {
  return { bytes: live, allocations: liveAllocations }
}

function common(values: readonly number[]): number {
  return values.every((value) => value === values[0]) ? (values[0] ?? 0) : 0
}

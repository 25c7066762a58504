import { basename } from 'node:path'
import { HeapproofError } from '../errors.js'
import { flameDiffCollapsed } from '../flamegraph/collapsed.js'
import { diffFlameGraphs, type FlameDiff } from '../flamegraph/diff.js'
import { flameGraph } from '../flamegraph/flame-graph.js'
import { flameDiffSpeedscope } from '../flamegraph/speedscope.js'
import { flameDiffHtml } from '../page/flame-html.js'
import { exactSnapshot } from '../reader/exact-snapshot.js'
import type { Reader } from '../reader.js'
import { diffSites } from '../reduce/diff-sites.js'
import { type SiteSummary, sites } from '../reduce/sites.js'
import { diffJson, diffTable } from './diff-table.js'
import { type FlameFormat, flameFormat } from './flame.js'
import { sayCut } from './inputs.js'
import { openProfile } from './open.js'
import { oneOf } from './run-options.js'
import { sendText } from './send-output.js'
import { timeOf } from './times.js'
import { countOf } from './top.js'

/** Options of `heapproof diff`, as they were typed. */
export interface TypedDiff {
  readonly at?: string
  readonly to?: string
  readonly value?: string
  readonly n?: string
  readonly flame?: string
  readonly json?: boolean
}

/** One of the two that are compared. */
export interface Side {
  readonly reader: Reader
  /** Undefined: the whole recording. */
  readonly at: number | 'peak' | 'end' | undefined
  readonly value: 'live' | 'allocated'
}

/** Writes the flame graph of a difference, if it was asked for, and answers the table of what grew and shrank. */
export async function diffCommand(
  base: string,
  other: string | undefined,
  typed: TypedDiff,
): Promise<string> {
  const count = typed.n === undefined ? 20 : countOf(typed.n)
  const { value, at, to } = timesOf(other, typed)
  const format = typed.flame === undefined ? 'collapsed' : flameFormat(undefined, typed.flame)
  if (typed.flame === '') throw refused('--flame must be the path of a file, received ""')
  using reader = openProfile(base)
  using later = other === undefined ? undefined : openProfile(other)
  const sides: readonly [Side, Side] = [
    { reader, at, value },
    { reader: later ?? reader, at: to, value },
  ]
  if (typed.flame !== undefined) await writeFlame(typed.flame, format, sides)
  const [before, after] = sides.map(sitesOf) as [SiteSummary, SiteSummary]
  sayCut(later === undefined ? [reader] : [reader, later])
  const difference = { sides, before, after, diffs: diffSites(before, after) }
  return typed.json === true
    ? diffJson(difference, typed.n === undefined ? 0 : count)
    : diffTable(difference, count)
}

function timesOf(
  other: string | undefined,
  typed: TypedDiff,
): Pick<Side, 'value' | 'at'> & { to: Side['at'] } {
  const at = typed.at === undefined ? undefined : timeOf('--at', typed.at)
  const to = typed.to === undefined ? at : timeOf('--to', typed.to)
  if (other === undefined && (typed.at === undefined || typed.to === undefined)) {
    throw refused('one profile has two times to compare: give --at and --to, or a second profile')
  }
  if (typed.to !== undefined && at === undefined) throw refused('--to goes with --at, the time of the first')
  if (typed.value === undefined) return { value: at === undefined ? 'allocated' : 'live', at, to }
  const value = oneOf('--value', typed.value, ['live', 'allocated'] as const)
  if (value === 'allocated' && at !== undefined) {
    throw refused('--value allocated is of whole recordings; --at and --to compare what is live')
  }
  return { value, at, to }
}

function sitesOf({ reader, at = 'end', value }: Side): SiteSummary {
  if (value === 'allocated') return sites(reader)
  return sites(exactSnapshot(reader, at))
}

async function writeFlame(path: string, format: FlameFormat, sides: readonly [Side, Side]): Promise<void> {
  const graphs = sides.map(({ reader, at, value }) => flameGraph(reader, { at, value }))
  const diff = diffFlameGraphs(...(graphs as [(typeof graphs)[0], (typeof graphs)[0]]))
  const fileBases = sides.map(({ reader }) => reader.fileBase)
  const notForTerminal = format === 'html' ? 'HTML' : undefined
  await sendText({ path, fileBases, notForTerminal }, written(diff, format, sides))
}

function written(
  diff: FlameDiff,
  format: FlameFormat,
  [before, after]: readonly [Side, Side],
): Iterable<string> {
  if (format === 'collapsed') return flameDiffCollapsed(diff)
  if (format === 'speedscope') return flameDiffSpeedscope(diff)
  const [old, now] = [before, after].map(({ reader }) => basename(reader.fileBase))
  const against = before.reader === after.reader ? '' : ` against ${old}`
  return [flameDiffHtml(diff, { title: `Flame graph of ${now}${against}` })]
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}

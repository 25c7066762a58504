import { addon } from '../addon.js'
import { annotate, type ResolveSourceMap } from '../frames/annotate.js'
import { isOfProgram } from '../frames/classify.js'
import type { Reader } from '../reader.js'
import { type SiteSummary, sites } from '../reduce/sites.js'
import { makeLinesExact } from '../session/exact-lines.js'
import { makeRoom } from '../session/make-room.js'
import { readSourceMap } from '../session/source-map-file.js'
import { start } from '../session/start.js'
import { stop } from '../session/stop.js'
import type { Domain, Site } from '../types.js'
import { withProfile } from '../with-profile.js'
import { cpuMilliseconds, milliseconds, turnEventLoop } from './event-loop.js'
import { LiveNative } from './live-native.js'
import { liveAt } from './peak/live-at.js'
import type { Counting } from './reading.js'

/** What measuring needs from the rest of heapproof. Tests put their own in its place. */
export interface Instruments {
  /** The addon itself, not a wrapper: a function of ours around `readCounters` could be compiled inside a reading. */
  readonly counting: Counting
  /** Whether a recording is in the way; one that nobody asked for makes room. */
  isProfiling(): boolean
  /** Makes V8 run only code whose lines can be told. True when code was thrown away for that. */
  exactLines(): boolean
  start(fileBase: string, samplingInterval: number, domains?: readonly Domain[]): void
  stop(): void
  /** The sites of a finished profile that lie in somebody's own code or in a package. */
  sites(fileBase: string): readonly Site[]
  /** The same of what was live at a time, in seconds. */
  sitesAt(fileBase: string, seconds: number): readonly Site[]
  /** Counts native memory, or no longer; nests. Undefined on success, else why it cannot. */
  countNative(on: boolean): string | undefined
  /** Follows which native memory is live. */
  readonly liveNative: LiveNative
  startPeak(step: number, mostCollections: number): string | undefined
  stopPeak(into: Float64Array): void
  turnEventLoop(): Promise<void>
  /** Milliseconds, of a clock and of processors, to bound how long something is tried. */
  milliseconds(): number
  cpuMilliseconds(): number
}

/** The real ones. `resolve` finds source maps that only the runner has; those on disk are found without it. */
export function instruments(resolve?: ResolveSourceMap): Instruments {
  const native = addon()
  return {
    counting: native,
    isProfiling() {
      makeRoom()
      return native.isProfiling()
    },
    exactLines: () => makeLinesExact(native),
    start: (fileBase, samplingInterval, domains) =>
      start(fileBase, { samplingInterval, ...(domains === undefined ? {} : { domains }) }),
    stop,
    sites(fileBase) {
      annotated(fileBase, resolve)
      return theirs(fileBase, (reader) => sites(reader))
    },
    sitesAt(fileBase, seconds) {
      annotated(fileBase, resolve)
      return theirs(fileBase, (reader) => sites(liveAt(reader, seconds)))
    },
    startPeak: (step, mostCollections) => native.startPeak(step, mostCollections),
    stopPeak: (into) => native.stopPeak(into),
    countNative: (on) => native.countNative(on),
    liveNative: new LiveNative(native),
    turnEventLoop,
    milliseconds,
    cpuMilliseconds,
  }
}

function annotated(fileBase: string, resolve: ResolveSourceMap | undefined): void {
  if (resolve !== undefined) annotate(fileBase, (url, map) => resolve(url, map) ?? readSourceMap(url, map))
}

function theirs(fileBase: string, of: (reader: Reader) => SiteSummary): readonly Site[] {
  return withProfile(fileBase, of).sites.filter(({ file }) => isOfProgram(file))
}

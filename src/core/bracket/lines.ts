import { SUM_NUMBERS, SUM_TOTALS } from '../addon.js'
import { relativeTo } from '../expect/profiles.js'
import { BlockReader } from '../format/block.js'
import { type Input, InputFile, inputOf } from '../format/files.js'
import { readTables, type Tables } from '../format/hpm.js'
import type { Recording } from '../format/recording.js'
import { annotate, type ResolveSourceMap } from '../frames/annotate.js'
import { isOfProgram } from '../frames/classify.js'
import { type FindMapper, inlineMapper } from '../frames/resolve.js'
import { openSourceMap, type SourceMapper } from '../frames/source-map.js'
import { Facts, samplingOf } from '../reader/facts.js'
import { recordingIn } from '../reader/recording-in.js'
import { type Recorded, type SiteSummary, type SummedUp, sites } from '../reduce/sites.js'
import { TraceSum } from '../reduce/trace-sum.js'
import { readSourceMap } from '../session/source-map-file.js'
import { Traces } from '../traces.js'
import type { TestLine, TestSite } from './record.js'
import { type Aside, withoutAside } from './without-aside.js'

const MOST = 10
const NOTHING: Aside = { times: [], allocated: undefined }

/** The lines of a recording. */
export interface Lines {
  /** Heaviest first, at most ten; only somebody's own code and packages. */
  readonly sites: readonly TestSite[]
  /** All of them. */
  readonly all: readonly TestLine[]
  /** Relative standard error of all lines together; 0 without any. */
  readonly error: number
}

/**
 * Finds the ways from the scripts of a test file to their sources. Each map is opened once, for all its tests: that takes
 * longer than all else that is done with the recording of a small test. `resolve` finds maps that only the runner has.
 */
export function mappersOf(resolve?: ResolveSourceMap): FindMapper {
  const known = new Map<string, { readonly sourceMapUrl: string; readonly mapper: SourceMapper }>()
  return (scriptUrl, sourceMapUrl) => {
    const before = known.get(scriptUrl)
    if (before?.sourceMapUrl === sourceMapUrl) return before.mapper
    const mapper = open(scriptUrl, sourceMapUrl, resolve)
    if (mapper !== undefined) known.set(scriptUrl, { sourceMapUrl, mapper })
    return mapper
  }
}

function open(
  scriptUrl: string,
  sourceMapUrl: string,
  resolve: ResolveSourceMap | undefined,
): SourceMapper | undefined {
  const map = resolve?.(scriptUrl, sourceMapUrl) ?? readSourceMap(scriptUrl, sourceMapUrl)
  return map === undefined
    ? inlineMapper(scriptUrl, sourceMapUrl)
    : openSourceMap(map, scriptUrl, sourceMapUrl)
}

/** Writes the places in the sources into a profile that is kept. @throws HeapproofError as `annotate` does. */
export function annotateKept(fileBase: string, resolve?: ResolveSourceMap): void {
  annotate(fileBase, (url, map) => resolve?.(url, map) ?? readSourceMap(url, map))
}

/** The two files of a recording, in memory. */
export interface RecordedBytes {
  readonly hpm: Uint8Array
  readonly hpd: Uint8Array
}

/** What the sampler gave when a recording ended. */
export interface Ended {
  /** Undefined when they are on disk. */
  readonly bytes: RecordedBytes | undefined
  /** See `recordedSums` of the addon. */
  readonly sums: Float64Array
}

/**
 * {@link linesOf} the recording at `fileBase`, or in memory. Its events are read only where some are to be left out: the
 * sampler has summed them up. @throws HeapproofError as `read` does.
 */
export function linesIn(
  fileBase: string,
  { bytes, sums }: Ended,
  root: string,
  findMapper: FindMapper,
  aside: Aside = NOTHING,
): Lines {
  const paths = { fileBase, hpm: `${fileBase}.hpm`, hpd: `${fileBase}.hpd` }
  const files: InputFile[] = []
  const input = (path: string, held: Uint8Array | undefined): Input => {
    if (held !== undefined) return inputOf(path, held, true)
    const file = new InputFile(path)
    files.push(file)
    return file
  }
  try {
    const metadata = input(paths.hpm, bytes?.hpm)
    if (sums.length > 0 && aside.times.length === 0) {
      const tables = readTables(paths.hpm, new BlockReader(metadata, 'M'))
      return reduced(sites(summedUp(tables, sums, findMapper)), root)
    }
    return linesOf(recordingIn(paths, metadata, input(paths.hpd, bytes?.hpd)), root, findMapper, aside)
  } finally {
    for (const file of files) file.close()
  }
}

/**
 * Reads a recording down to what travels with the result of a test, without what is `aside`.
 *
 * @throws HeapproofError `damaged-profile`.
 */
export function linesOf(
  recording: Recording,
  root: string,
  findMapper: FindMapper,
  aside: Aside = NOTHING,
): Lines {
  return reduced(sites(withoutAside(recordedIn(recording, findMapper), aside)), root)
}

function reduced(summary: SiteSummary, root: string): Lines {
  const theirs = summary.sites
    .filter(({ file }) => isOfProgram(file))
    .map((site) => ({ ...site, file: relativeTo(root, site.file) }))
  return {
    error: summary.error,
    sites: theirs.slice(0, MOST).map((site) => ({
      function: site.function,
      file: site.file,
      line: site.line,
      column: site.column,
      domain: site.domain,
      self: site.self,
      total: site.total,
      live: site.live,
    })),
    all: theirs.map((site) => ({
      function: site.function,
      file: site.file,
      line: site.line,
      domain: site.domain,
      self: site.self,
      error: site.self * site.error,
    })),
  }
}

function summedUp(tables: Tables, numbers: Float64Array, findMapper: FindMapper): SummedUp {
  const sums: TraceSum[] = []
  for (let at = SUM_TOTALS; at < numbers.length; at += SUM_NUMBERS)
    sums.push(TraceSum.ofRecorded(numbers, at))
  const [heapBytes, arrayBufferBytes] = numbers as unknown as readonly [number, number]
  return {
    ...tracesIn(tables, findMapper),
    sums,
    counters: { heapBytes, arrayBufferBytes },
    sampling: {}, // by a mean interval, as all recordings of tests
  }
}

function tracesIn(tables: Tables, findMapper: FindMapper): Pick<SummedUp, 'trace' | 'domainOf'> {
  const traces = new Traces(tables, findMapper)
  return {
    trace: (index) => traces.withoutRoot(index),
    domainOf: (index) => traces.domainOf(index),
  }
}

function recordedIn(recording: Recording, findMapper: FindMapper): Recorded {
  const facts = new Facts(recording)
  return {
    ...tracesIn(recording.tables, findMapper),
    traceCount: recording.tables.traceNodes.length - 1,
    cursor: () => facts.cursor(),
    get counters() {
      return facts.summary.counters
    },
    get sampling() {
      return samplingOf(facts.summary)
    },
  }
}

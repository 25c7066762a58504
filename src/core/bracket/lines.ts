import { relativeTo } from '../expect/profiles.js'
import { type Input, InputFile, inputOf } from '../format/files.js'
import type { Recording } from '../format/recording.js'
import { annotate, type ResolveSourceMap } from '../frames/annotate.js'
import { isOfProgram } from '../frames/classify.js'
import { type FindMapper, inlineMapper } from '../frames/resolve.js'
import { openSourceMap, type SourceMapper } from '../frames/source-map.js'
import { Facts, samplingOf } from '../reader/facts.js'
import { recordingIn } from '../reader/recording-in.js'
import { type Recorded, sites } from '../reduce/sites.js'
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

/** {@link linesOf} the recording at `fileBase`, from `bytes` if it is in memory. @throws HeapproofError as `read` does. */
export function linesIn(
  fileBase: string,
  bytes: RecordedBytes | undefined,
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
    const recording = recordingIn(paths, input(paths.hpm, bytes?.hpm), input(paths.hpd, bytes?.hpd))
    return linesOf(recording, root, findMapper, aside)
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
  const summary = sites(withoutAside(recordedIn(recording, findMapper), aside))
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

function recordedIn(recording: Recording, findMapper: FindMapper): Recorded {
  const traces = new Traces(recording.tables, findMapper)
  const facts = new Facts(recording)
  return {
    traceCount: traces.count,
    trace: (index) => traces.withoutRoot(index),
    domainOf: (index) => traces.domainOf(index),
    cursor: () => facts.cursor(),
    get counters() {
      return facts.summary.counters
    },
    get sampling() {
      return samplingOf(facts.summary)
    },
  }
}

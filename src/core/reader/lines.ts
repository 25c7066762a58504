import { basename, isAbsolute, resolve } from 'node:path'
import { HeapproofError } from '../errors.js'
import type { Tables } from '../format/hpm.js'
import { FrameResolver } from '../frames/resolve.js'
import { Places, siteOf } from '../reduce/places.js'
import { nearest } from '../text/nearest.js'
import { show } from '../text/show.js'
import type { Frame } from '../types.js'
import type { KnownTraces } from './known-traces.js'

/**
 * A line of source: `'src/cache.ts:14'`, or file and line apart. The file is an absolute path, one from the working
 * folder, or the end of one, from a folder's name on.
 */
export type Line = string | { readonly file: string; readonly line: number }

/** Nobody reads more; looking for a name among more would take long. */
const MOST_CANDIDATES = 10_000

/** Finds the traces that lines are on. */
export class LineFinder {
  readonly #tables: Tables
  readonly #traces: KnownTraces
  readonly #frames: readonly Frame[]

  constructor(tables: Tables, traces: KnownTraces) {
    const resolver = new FrameResolver(tables)
    this.#tables = tables
    this.#traces = traces
    this.#frames = tables.frames.map((_, index) => resolver.frame(index))
  }

  /**
   * The traces that go through a line, each once however often it recurs; without `cumulative` those that are charged to
   * it, as `sites()` charges them. Ascending.
   *
   * @throws HeapproofError `invalid-argument` when it is no line; `unknown-line` when no stack goes through it.
   */
  find(line: Line, cumulative: boolean): number[] {
    const wanted = parse(line)
    const isOn = this.#frames.map((frame) => frame.line === wanted.line && isFile(frame.file, wanted.file))
    if (!isOn.includes(true)) throw this.#unknown(wanted)
    return cumulative ? this.#through(isOn) : this.#chargedTo(wanted)
  }

  #through(isOn: readonly boolean[]): number[] {
    const { nodeParents, nodeFrames, traceNodes } = this.#tables
    const onWay = new Uint8Array(nodeParents.length)
    // A parent comes before its children.
    for (let node = 1; node < onWay.length; node++) {
      const here = isOn[nodeFrames[node] as number] === true
      onWay[node] = here ? 1 : (onWay[nodeParents[node] as number] as number)
    }
    return numbersWhere(traceNodes.length, (trace) => onWay[traceNodes[trace] as number] === 1)
  }

  #chargedTo({ file, line }: Wanted): number[] {
    const places = new Places(undefined)
    return numbersWhere(this.#tables.traceNodes.length, (trace) => {
      const site = siteOf(this.#traces.at(trace), places)
      return site.line === line && isFile(site.file, file)
    })
  }

  #unknown({ file, line }: Wanted): HeapproofError {
    const inFile = this.#frames.filter((frame) => isFile(frame.file, file)).map((frame) => frame.line)
    let hint = ''
    if (inFile.length > 0) {
      const next = inFile.reduce((best, other) =>
        Math.abs(other - line) < Math.abs(best - line) ? other : best,
      )
      hint = `; the nearest line in that file is ${next}`
    } else {
      const files = [...new Set(this.#frames.map((frame) => endOf(frame.file, file)))]
      const last = basename(slashes(file))
      const name =
        nearest(slashes(file), files.slice(0, MOST_CANDIDATES)) ??
        files.find((candidate) => basename(candidate) === last)
      if (name !== undefined) hint = `; did you mean the file ${show(name)}?`
    }
    return new HeapproofError('unknown-line', `no stack goes through ${show(`${file}:${line}`)}${hint}`)
  }
}

interface Wanted {
  readonly file: string
  readonly line: number
}

function parse(given: Line): Wanted {
  const { file, line } = typeof given === 'string' ? split(given) : (given ?? {})
  if (typeof file === 'string' && file !== '' && Number.isSafeInteger(line) && (line as number) >= 0) {
    return { file, line: line as number }
  }
  throw new HeapproofError(
    'invalid-argument',
    `expected a line such as "src/cache.ts:14", received ${show(given)}`,
  )
}

function split(text: string): Partial<Wanted> {
  const parts = /^(.+):(\d{1,15})$/s.exec(text)
  return parts === null ? {} : { file: parts[1] as string, line: Number(parts[2]) }
}

function isFile(file: string, wanted: string): boolean {
  if (file === wanted) return true
  if (isAbsolute(wanted)) return slashes(file) === slashes(wanted)
  if (slashes(file) === slashes(resolve(wanted))) return true
  return slashes(file).endsWith(`/${slashes(wanted).replace(/^(?:\.\/)+/, '')}`)
}

/** As many names of a path as another has, which a person may have misspelt. */
function endOf(file: string, like: string): string {
  const names = slashes(like).split('/').length
  return isAbsolute(like) ? file : slashes(file).split('/').slice(-names).join('/')
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/')
}

function numbersWhere(count: number, test: (number: number) => boolean): number[] {
  const found: number[] = []
  for (let number = 1; number < count; number++) if (test(number)) found.push(number)
  return found
}

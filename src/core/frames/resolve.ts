import type { Tables } from '../format/hpm.js'
import type { Frame } from '../types.js'
import { isOfProgram } from './classify.js'
import { fileOfUrl } from './file.js'
import { inlineSourceMap, openSourceMap, type SourceMapper } from './source-map.js'

const nowhere: SourceMapper = () => undefined

/**
 * Whether positions in a script should be taken back to its sources. Not those of Node, runners and heapproof: their
 * sources lie where nobody looks, and their maps lead out of the folder that tells whose code it is.
 */
export function wantsSources(scriptUrl: string): boolean {
  return isOfProgram(fileOfUrl(scriptUrl))
}

/** Makes the way back to the sources of a script; undefined when there is none. */
export type FindMapper = (scriptUrl: string, sourceMapUrl: string) => SourceMapper | undefined

/** By the map that the script carries itself. Asks for no file. */
export function inlineMapper(scriptUrl: string, sourceMapUrl: string): SourceMapper | undefined {
  const map = inlineSourceMap(sourceMapUrl)
  return map === undefined ? undefined : openSourceMap(map, scriptUrl, sourceMapUrl)
}

/** Makes the frames a person reads out of the records of a .hpm file. Each frame and each map is made once. */
export class FrameResolver {
  readonly #tables: Tables
  readonly #findMapper: FindMapper
  readonly #frames: (Frame | undefined)[] = []
  readonly #mappers = new Map<number, SourceMapper>()
  readonly #files: (string | undefined)[] = []

  constructor(tables: Tables, findMapper: FindMapper = inlineMapper) {
    this.#tables = tables
    this.#findMapper = findMapper
  }

  /** The frame with an index that the tables hold. The same index gives the same object. */
  frame(index: number): Frame {
    this.#frames[index] ??= this.#resolve(index)
    return this.#frames[index]
  }

  #resolve(index: number): Frame {
    const { frames, functions, mapped } = this.#tables
    const record = frames[index] as (typeof frames)[number]
    const owner = functions[record.function] as (typeof functions)[number]
    const { line, column } = record
    const written = mapped.get(index)
    const original = written ?? this.#mapper(owner.script)(line, column)
    return {
      function: written?.name || owner.name || '(anonymous)',
      file: original?.file === undefined ? this.#file(owner.script) : fileOfUrl(original.file),
      line: original?.line ?? line,
      column: original?.column ?? column,
      approximate: record.approximate,
    }
  }

  #file(script: number): string {
    this.#files[script] ??= fileOfUrl((this.#tables.scripts[script] as Tables['scripts'][number]).url)
    return this.#files[script]
  }

  #mapper(index: number): SourceMapper {
    const known = this.#mappers.get(index)
    if (known !== undefined) return known
    const { url, sourceMapUrl } = this.#tables.scripts[index] as Tables['scripts'][number]
    const mapper = (wantsSources(url) ? this.#findMapper(url, sourceMapUrl) : undefined) ?? nowhere
    this.#mappers.set(index, mapper)
    return mapper
  }
}

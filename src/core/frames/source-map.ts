import {
  type DecodedSourceMap,
  type EncodedSourceMap,
  FlattenMap,
  originalPositionFor,
  type SectionedSourceMap,
  type TraceMap,
} from '@jridgewell/trace-mapping'
import { decodeShort } from './decode-mappings.js'
import { fileOfUrl, urlOfScript } from './file.js'

export type { EncodedSourceMap }

/** A place in the source a script was made from. */
export interface OriginalPosition {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

/** Maps places of one script; undefined where the map says nothing. Line from 1, column from 1 or 0 when unknown. */
export type SourceMapper = (line: number, column: number) => OriginalPosition | undefined

/**
 * Opens the source map of a script, as JSON text or parsed. What is no source map maps nothing: a broken map must not
 * cost the user the profile. Sources are resolved against the map's URL, or the script's when the map is inline.
 * Cost: a megabyte of map takes some 30 ms at the first lookup.
 */
export function openSourceMap(
  map: EncodedSourceMap | string,
  scriptUrl: string,
  sourceMapUrl: string,
): SourceMapper {
  let opened: TraceMap
  try {
    const json = typeof map === 'string' ? JSON.parse(stripGuard(map)) : map
    opened = FlattenMap(decoded(json), mapUrl(scriptUrl, sourceMapUrl))
  } catch {
    return () => undefined
  }
  return (line, column) => {
    try {
      return lookUp(opened, line, column)
    } catch {
      return undefined // the mappings are decoded at the first lookup
    }
  }
}

function decoded(
  map: EncodedSourceMap | SectionedSourceMap,
): EncodedSourceMap | DecodedSourceMap | SectionedSourceMap {
  if ('sections' in map || typeof map.mappings !== 'string') return map
  const mappings = decodeShort(map.mappings)
  return typeof mappings === 'string' ? map : { ...map, mappings }
}

/** Where `column` is not known, the first mapping of the line is meant. */
function lookUp(map: TraceMap, line: number, column: number): OriginalPosition | undefined {
  if (line < 1) return undefined
  const found =
    column > 0
      ? originalPositionFor(map, { line, column: column - 1 })
      : originalPositionFor(map, { line, column: 0, bias: -1 })
  // A source that is null in the map comes out as the folder it would be in.
  if (found.source === null || found.source === '' || found.source.endsWith('/')) return undefined
  if (!(found.line >= 1 && found.column >= 0)) return undefined
  return { file: fileOfUrl(found.source), line: found.line, column: found.column + 1 }
}

/** The text of a source map that the script carries in its `data:` URL; undefined when it does not. */
export function inlineSourceMap(sourceMapUrl: string): string | undefined {
  const data = /^data:([^,]*),/.exec(sourceMapUrl)
  if (data === null) return undefined
  const text = sourceMapUrl.slice(data[0].length)
  if (/;base64$/i.test(data[1] as string)) return Buffer.from(text, 'base64').toString('utf8')
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function mapUrl(scriptUrl: string, sourceMapUrl: string): string {
  const script = urlOfScript(scriptUrl)
  if (sourceMapUrl === '' || sourceMapUrl.startsWith('data:')) return script
  return URL.canParse(sourceMapUrl, script) ? new URL(sourceMapUrl, script).href : script
}

/** Servers may put a line with `)]}'` before the JSON, so that it cannot be run as a script. */
function stripGuard(json: string): string {
  return json.startsWith(")]}'") ? json.slice(json.indexOf('\n') + 1) : json
}

import { type FindMapper, inlineMapper } from '../frames/resolve.js'
import { openSourceMap, type SourceMapper } from '../frames/source-map.js'
import { readSourceMap } from '../session/source-map-file.js'
import { currentSession, type Session } from '../session/state.js'

/** Opened maps, kept as long as the session: a megabyte of map takes 30 ms to open. */
const opened = new WeakMap<Session, Map<string, SourceMapper | undefined>>()

/** Finds the way back to the sources by the map that a script carries, or that lies beside it. */
export function diskMapper(): FindMapper {
  const known = mapsOf(currentSession())
  return (scriptUrl, sourceMapUrl) => {
    const key = `${scriptUrl}\0${sourceMapUrl}`
    if (!known.has(key)) known.set(key, open(scriptUrl, sourceMapUrl))
    return known.get(key)
  }
}

function mapsOf(session: Session | undefined): Map<string, SourceMapper | undefined> {
  if (session === undefined) return new Map()
  const maps = opened.get(session) ?? new Map<string, SourceMapper | undefined>()
  opened.set(session, maps)
  return maps
}

function open(scriptUrl: string, sourceMapUrl: string): SourceMapper | undefined {
  const inline = inlineMapper(scriptUrl, sourceMapUrl)
  if (inline !== undefined) return inline
  const map = readSourceMap(scriptUrl, sourceMapUrl)
  return map === undefined ? undefined : openSourceMap(map, scriptUrl, sourceMapUrl)
}

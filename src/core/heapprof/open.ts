import { InputFile, type ProfilePaths } from '../format/files.js'
import type { Recording } from '../format/recording.js'
import { RULE, type Sampling } from '../format/sampling.js'
import { boolean, checkOptions } from '../text/options.js'
import { ByteStream } from './byte-stream.js'
import { HeapprofCursor } from './event-cursor.js'
import { readMetadata } from './metadata.js'

/** How to read a recording. */
export interface ReadOptions {
  /**
   * Only for recordings of heapprof: takes it that every allocation was recorded, whatever the table in the file says.
   * On Linux with x86-64, heapprof 1.0.2 records every allocation by mistake, and no byte of the files tells.
   */
  readonly assumeAll?: boolean
}

/** The options given to `read()`, checked. Throws HeapproofError `invalid-argument`. */
export function readOptions(given: ReadOptions | undefined): ReadOptions {
  return checkOptions('read', given, { assumeAll: boolean })
}

/** Where in the session id the nanoseconds of the start begin. */
const NANOSECONDS = 8

const EVERYTHING: Sampling = { rule: RULE.table, interval: 0, table: [], draw: 1 }

/**
 * Whether a .hpm file is one of heapprof's, by its first bytes: a version below 256, the highest byte first. An empty
 * file is not. Throws HeapproofError: `cannot-read`, `not-a-profile`.
 */
export function isHeapprof(hpm: string): boolean {
  const file = new InputFile(hpm)
  try {
    const beginning = new Uint8Array(3)
    return file.read(beginning, 0) > 0 && beginning.every((byte) => byte === 0)
  } finally {
    file.close()
  }
}

/**
 * Opens the two files of a recording that heapprof made.
 * Throws HeapproofError: `cannot-read`, `not-a-profile`, `unsupported-version`, `damaged-profile`.
 */
export function openHeapprof(paths: ProfilePaths, { assumeAll = false }: ReadOptions = {}): Recording {
  // The events first: a trace is written before the event that names it, so a .hpm opened later has all of them.
  const events = new InputFile(paths.hpd)
  let metadata: InputFile | undefined
  try {
    metadata = new InputFile(paths.hpm)
    const { tables, sampling, sessionId, ignored } = readMetadata(new ByteStream(metadata))
    const rule = assumeAll ? EVERYTHING : sampling
    // The highest byte of a number of nanoseconds is 0: what was made of the other numbers is not taken for these.
    if (assumeAll) sessionId[NANOSECONDS] = 1
    return {
      fileBase: paths.fileBase,
      tables,
      metadataIgnored: ignored,
      origin: { sessionId, metadataSize: metadata.size, eventsSize: events.size },
      cursor: () => new HeapprofCursor(events, tables.traceNodes.length, rule),
      close: () => events.close(),
    }
  } catch (error) {
    events.close()
    throw error
  } finally {
    metadata?.close()
  }
}

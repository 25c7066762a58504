import { readFileSync } from 'node:fs'
import type { Reader } from '../reader.js'
import { failuresOf, type Part, partsOf } from '../session/parts.js'
import { annotateFromDisk } from '../session/source-map-file.js'
import { withProfile } from '../with-profile.js'
import type { ProcessPart } from './process-measurement.js'

/** What the recordings of a command's processes and threads tell. */
export interface ReadParts {
  readonly parts: readonly ProcessPart[]
  /** Those of `parts`, in their order. */
  readonly fileBases: readonly string[]
  /** Why processes and threads could not be recorded, a clause for each. */
  readonly failures: readonly string[]
}

/** Reads what was recorded at a file base. The sizes are those of the exact counters. */
export function readParts(fileBase: string, native: boolean): ReadParts {
  const parts: ProcessPart[] = []
  const fileBases: string[] = []
  const failures = failuresOf(fileBase).map((part) => `${nameOf(part)} was not counted: ${reasonOf(part)}`)
  for (const part of partsOf(fileBase)) {
    withProfile(part.fileBase, (reader) => {
      if (reader.header === undefined) return // claimed, and ended before it was recorded
      // Whoever was ended from outside had no time to look for source maps.
      if (reader.end !== '') annotateFromDisk(part.fileBase)
      parts.push(partFrom(reader, part.thread, native))
      fileBases.push(part.fileBase)
    })
  }
  return { parts, fileBases, failures }
}

function partFrom({ header, counters, end }: Reader, thread: number, native: boolean): ProcessPart {
  return {
    pid: header?.pid ?? 0,
    thread,
    command: header?.command ?? [],
    heap: counters?.heapBytes ?? 0,
    arrayBuffers: counters?.arrayBufferBytes ?? 0,
    native: native ? (counters?.nativeBytes ?? 0) : undefined,
    collections: counters?.collections ?? 0,
    ended: end ?? 'it was killed, or still runs',
  }
}

/** How a process or thread is called in a sentence. */
export function nameOf({ pid, thread }: { pid: number | undefined; thread: number }): string {
  const process = pid === undefined ? 'the first process' : `process ${pid}`
  return thread === 0 ? process : `worker thread ${thread} of ${process}`
}

function reasonOf(part: Part): string {
  try {
    return readFileSync(`${part.fileBase}.error`, 'utf8')
  } catch {
    return 'it could not be recorded'
  }
}

import { statSync } from 'node:fs'
import { EVENT } from '../format/cursor.js'
import type { Header } from '../format/header.js'
import type { Peak } from '../reader/peak.js'
import type { Reader } from '../reader.js'
import { MARK_COMPACT } from '../timeplot/time-plot.js'
import type { Counters } from '../types.js'
import { infoText } from './info-text.js'
import { openProfile } from './open.js'

/** Options of `heapproof info`, as they were typed. */
export interface TypedInfo {
  readonly json?: boolean
}

/** What a profile holds. Bytes of samples are estimates; sizes of files and counters are exact. */
export interface Info {
  readonly fileBase: string
  /** Bytes of each file; there need be no .hpc. */
  readonly files: Readonly<Record<string, number>>
  /** Null when the recording was cut before it was written. */
  readonly header: Header | null
  /** Seconds. */
  readonly duration: number
  /** `complete`, `cut`, or why it stopped itself. */
  readonly end: string
  /** Bytes at the ends of the files that are of no use. */
  readonly truncated: number
  /** How many there are of each. */
  readonly stacks: number
  readonly events: { readonly allocations: number; readonly frees: number; readonly collections: number }
  readonly sampling: Reader['sampling']
  readonly counters: Counters | null
  readonly peak: Peak
}

/** What `heapproof info` prints. */
export function info(fileBase: string, { json }: TypedInfo): string {
  using reader = openProfile(fileBase)
  const facts = infoOf(reader)
  return json === true ? `${JSON.stringify(facts)}\n` : infoText(facts)
}

function infoOf(reader: Reader): Info {
  const files: Record<string, number> = {}
  for (const extension of ['hpm', 'hpd', 'hpc']) {
    const size = statSync(`${reader.fileBase}.${extension}`, { throwIfNoEntry: false })?.size
    if (size !== undefined) files[extension] = size
  }
  return {
    fileBase: reader.fileBase,
    files,
    header: reader.header ?? null,
    duration: reader.duration,
    end: reader.end === '' ? 'complete' : (reader.end ?? 'cut'),
    truncated: reader.truncated,
    stacks: reader.traceCount,
    events: eventsOf(reader),
    sampling: reader.sampling,
    counters: reader.counters ?? null,
    peak: reader.peak(),
  }
}

function eventsOf(reader: Reader): Info['events'] {
  const counts = { allocations: 0, frees: 0, collections: 0 }
  const cursor = reader.cursor()
  while (cursor.next()) {
    if (cursor.kind === EVENT.alloc) counts.allocations++
    else if (cursor.kind === EVENT.free) counts.frees++
    else if (cursor.kind === EVENT.collection && cursor.type <= MARK_COMPACT) counts.collections++
  }
  return counts
}

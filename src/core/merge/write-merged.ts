import { rmSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { findProfile } from '../format/files.js'
import { encodeHeader } from '../format/hpm.js'
import { type Reader, read, recordingOf } from '../reader.js'
import { createLogFiles } from '../session/log-files.js'
import { show } from '../text/show.js'
import { BlockFile } from './block-file.js'
import { fileIdentity } from './file-identity.js'
import { Interleaved } from './interleave.js'
import type { MergedPart, MergeOptions } from './merge-profiles.js'
import { MergedEvents } from './merged-events.js'
import { MergedThreads, mergedHeader, mergedRules } from './merged-header.js'
import { MergedTables } from './merged-tables.js'

/** Recordings that are open at once. More of them are merged in groups first. */
const FAN_IN = 64
/** Events between two looks at the signal. */
const EVENTS_AT_ONCE = 2 ** 17

/** Does what `mergeProfiles` says. */
export async function writeMerged(
  fileBases: readonly string[],
  outBase: string,
  { signal }: MergeOptions,
): Promise<readonly MergedPart[]> {
  checkNames(fileBases, outBase)
  const parts: MergedPart[] = []
  const temporary: string[] = []
  try {
    let level = fileBases
    let isFirst = true
    while (level.length > FAN_IN) {
      const next: string[] = []
      for (let from = 0; from < level.length; from += FAN_IN) {
        const group = level.slice(from, from + FAN_IN)
        const base = `${outBase}.merging-${Buffer.from(randomBytes(6)).toString('hex')}`
        temporary.push(base)
        const merged = await mergeGroup(group, base, () => '', signal)
        if (isFirst) parts.push(...merged)
        else for (const done of group) removeRecording(done)
        next.push(base)
      }
      level = next
      isFirst = false
    }
    const ends = (merged: readonly MergedPart[]): string => endOf(isFirst ? merged : parts)
    const merged = await mergeGroup(level, outBase, ends, signal)
    return isFirst ? merged : parts
  } finally {
    for (const base of temporary) removeRecording(base)
  }
}

async function mergeGroup(
  fileBases: readonly string[],
  outBase: string,
  endOfAll: (parts: readonly MergedPart[]) => string,
  signal: AbortSignal | undefined,
): Promise<readonly MergedPart[]> {
  const readers: Reader[] = []
  try {
    for (const fileBase of fileBases) readers.push(read(fileBase))
    const files = createLogFiles(outBase)
    try {
      const parts = await writeBoth(readers, files, endOfAll, signal)
      files.close()
      files.commit()
      return parts
    } catch (error) {
      files.discard()
      throw writeError(outBase, error)
    }
  } finally {
    for (const reader of readers) reader.close()
  }
}

async function writeBoth(
  readers: readonly Reader[],
  { hpm, hpd }: { readonly hpm: number; readonly hpd: number },
  endOfAll: (parts: readonly MergedPart[]) => string,
  signal: AbortSignal | undefined,
): Promise<readonly MergedPart[]> {
  const sessionId = randomBytes(16)
  const metadata = new BlockFile(hpm, 'M', sessionId)
  const threads = new MergedThreads()
  const numbers = readers.map((reader) => threads.add(reader))
  metadata.record(encodeHeader(mergedHeader(readers, threads.list)))
  const tables = new MergedTables((record) => metadata.record(record))
  const inputs = readers.map((reader, index) => {
    const { tables: own } = recordingOf(reader)
    return {
      fileBase: reader.fileBase,
      traces: tables.add(own),
      domains: own.traceDomains,
      threadNumber: numbers[index] as (thread: number) => number,
    }
  })
  metadata.flush()

  const output = new MergedEvents(new BlockFile(hpd, 'D', sessionId), inputs, mergedRules(readers))
  const events = new Interleaved(readers)
  for (let count = 1; events.next(); count++) {
    output.add(events.input, events.event, events.time)
    if (count % EVENTS_AT_ONCE > 0) continue
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
  }
  const parts = readers.map(({ fileBase, end, truncated }) => ({ fileBase, end, truncated }))
  output.end(endOfAll(parts))
  return parts
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}

/** Why the merged recording ends: empty when all inputs were stopped by their users. */
function endOf(parts: readonly MergedPart[]): string {
  const cut = parts.filter(({ end }) => end === undefined).length
  const reason = parts.find(({ end }) => end !== undefined && end !== '')?.end ?? ''
  if (cut === 0) return reason
  const words = `${cut} of ${parts.length} merged recordings ${cut === 1 ? 'was' : 'were'} cut`
  return reason === '' ? words : `${reason}; ${words}`
}

function checkNames(fileBases: readonly string[], outBase: string): void {
  if (!Array.isArray(fileBases) || fileBases.length === 0) {
    throw refused(`mergeProfiles: expected a list of recordings, received ${show(fileBases)}`)
  }
  if (typeof outBase !== 'string' || outBase === '' || outBase.includes('\0')) {
    throw refused(`mergeProfiles: expected a path for the output, received ${show(outBase)}`)
  }
  const outputs = [fileIdentity(`${outBase}.hpm`), fileIdentity(`${outBase}.hpd`)]
  const seen = new Set<string | undefined>()
  for (const given of fileBases) {
    const { fileBase, hpm, hpd } = findProfile(given)
    const identity = fileIdentity(hpm)
    if (seen.has(identity)) throw refused(`${fileBase}: this recording is named twice`)
    if (outputs.includes(identity) || outputs.includes(fileIdentity(hpd))) {
      throw refused(`${outBase}: this is one of the recordings to be merged`)
    }
    seen.add(identity)
  }
}

function removeRecording(fileBase: string): void {
  for (const extension of ['hpm', 'hpd']) rmSync(`${fileBase}.${extension}`, { force: true })
}

/** A full disk, for example, is told by the system. */
function writeError(outBase: string, error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).syscall === undefined) return error
  const why = (error as Error).message
  return new HeapproofError('cannot-write', `cannot write a profile to ${outBase}: ${why}`)
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}

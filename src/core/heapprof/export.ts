import { statSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { Reader } from '../reader.js'
import { createLogFiles } from '../session/log-files.js'
import { formatSize } from '../text/bytes.js'
import { checkOptions, type OptionRule } from '../text/options.js'
import { show } from '../text/show.js'
import { DOMAINS, type Domain } from '../types.js'
import { BufferedFile } from './buffered-file.js'
import type { LiveBytes } from './live-bytes.js'
import { weigh } from './weigh.js'
import { writeEvents } from './write-events.js'
import { writeMetadata } from './write-metadata.js'

/** How {@link exportHeapprof} writes a recording. */
export interface HeapprofExportOptions {
  /**
   * What the size of an event is. `'weighted'`, the default: the bytes that the sample stands for, to a whole byte.
   * `'original'`: those of the object; a table of ranges says how many objects each stands for.
   */
  readonly sizes?: 'weighted' | 'original'
  /** Leaves out the other domains. heapprof knows no domains: without this they all go into one. */
  readonly domain?: Domain
}

/** What {@link exportHeapprof} has written. */
export interface HeapprofExport {
  /** Events in the .hpd. */
  readonly events: number
  /** Traces with events. */
  readonly traces: number
  /** How much the bytes of an event are off at most, of those bytes: 0.001 is 0.1 %. */
  readonly largestError: number
  /** What heapprof will not show as it is; a sentence each. */
  readonly warnings: readonly string[]
}

const RULES: Record<keyof HeapprofExportOptions, OptionRule> = {
  sizes: (value) => (value === 'weighted' || value === 'original' ? undefined : "'weighted' or 'original'"),
  domain: (value) =>
    (DOMAINS as readonly unknown[]).includes(value) ? undefined : "'heap', 'arrayBuffer' or 'native'",
}

/**
 * Writes a recording as heapprof 1.0.2 would have written it: `<fileBase>.hpm` and `<fileBase>.hpd`, for heapprof's
 * reader in Python. Traces keep their indexes. docs/heapprof-files.md says what is lost.
 *
 * Bytes are estimates from the samples in the measure of the exact counters, as with `sites()`; what heapproof itself
 * allocated is left out. A block of 2 GiB or more becomes several events.
 *
 * Files of this name are replaced, and a .hpc beside them, which would be of what they held before, is removed. Until all
 * is written nothing of that happens.
 *
 * Cost: two walks through the events, three for `'original'` sizes; memory grows with the number of traces.
 *
 * @throws HeapproofError `invalid-argument`, also when the recording itself would be overwritten; `cannot-write`,
 *   `too-large`; and the codes of walking the events.
 */
export function exportHeapprof(
  reader: Reader,
  fileBase: string,
  options?: HeapprofExportOptions,
): HeapprofExport {
  const { sizes = 'weighted', domain } = checkOptions('exportHeapprof', options, RULES)
  checkArguments(reader, fileBase)
  const weighing = weigh(reader, domain, sizes)
  const files = createLogFiles(fileBase)
  try {
    const events = new BufferedFile(`${fileBase}.hpd`, files.hpd)
    const { used, ...written } = writeEvents(events, reader, weighing)
    events.flush()
    const metadata = new BufferedFile(`${fileBase}.hpm`, files.hpm)
    const traces = writeMetadata(metadata, reader, weighing.weighting.ranges, used)
    metadata.flush()
    files.close()
    files.commit()
    const { live, ...told } = written
    return Object.freeze({ ...told, traces, warnings: Object.freeze(warningsOf(reader, live)) })
  } catch (error) {
    files.discard()
    throw error
  }
}

function checkArguments(reader: unknown, fileBase: unknown): void {
  if (!(reader instanceof Reader)) {
    throw refused(`exportHeapprof: expected a Reader, received ${show(reader)}`)
  }
  if (typeof fileBase !== 'string' || fileBase === '' || fileBase.includes('\0')) {
    throw refused(`exportHeapprof: expected the path of a recording to write, received ${show(fileBase)}`)
  }
  for (const extension of ['hpm', 'hpd']) {
    const [source, target] = [`${reader.fileBase}.${extension}`, `${fileBase}.${extension}`]
    if (sameFile(source, target)) throw refused(`exportHeapprof: ${target} is ${source}, which is to be read`)
  }
}

function sameFile(left: string, right: string): boolean {
  const stat = (path: string) => statSync(path, { bigint: true, throwIfNoEntry: false })
  const [one, other] = [stat(left), stat(right)]
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino
}

function warningsOf(reader: Reader, live: LiveBytes): string[] {
  const warnings: string[] = []
  if (reader.header === undefined) warnings.push('the recording has no header: its start is written as 1970')
  const [largest] = Array.from(live.beyond).sort(([, left], [, right]) => right - left)
  if (largest !== undefined) {
    const [trace, bytes] = largest
    const count = live.beyond.size
    const which = count === 1 ? 'one trace has' : `${count} traces have`
    const peak = `trace ${trace} up to ${formatSize(bytes, 'SI')}`
    warnings.push(`${which} 2 GiB or more live (${peak}): heapprof's digest shows wrong bytes for that`)
  }
  return warnings
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}

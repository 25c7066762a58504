import { HeapproofError } from '../errors.js'
import type { Reader } from '../reader.js'
import { nearest } from '../text/nearest.js'
import { checkOptions, type OptionRule } from '../text/options.js'
import { show } from '../text/show.js'
import type { Snapshot } from '../tracemalloc/snapshot.js'
import type { Domain } from '../types.js'
import { profilesOf } from './profiles-of.js'
import { AT, DOMAIN } from './rules.js'
import type { Value } from './value.js'
import type { At, ViewOptions } from './view.js'

/** What {@link exportProfile} writes. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export const EXPORT_FORMATS = ['pprof', 'speedscope', 'collapsed', 'heapprofile', 'json'] as const

/** What of a profile goes into an export. */
export interface ExportOptions {
  /**
   * Seconds from the start, or `'peak'`, when most bytes were live, or `'end'`, which is the default. What is live is
   * what was live then, and what came later is left out. With several recordings it is the time since the first of them
   * started, and the peak is that of all together.
   */
  readonly at?: At
  /**
   * `'live'` or `'allocated'` bytes. Collapsed stacks and .heapprofile hold one of the two; in pprof and speedscope it is
   * the one that is shown first. Default: `'live'` for a .heapprofile, for a snapshot and when `at` is given, and
   * `'allocated'` otherwise.
   */
  readonly value?: Value
  /** Leaves out the other domains. */
  readonly domain?: Domain
}

const RULES: Record<keyof ExportOptions, OptionRule> = {
  at: AT,
  value: (value) => (value === 'live' || value === 'allocated' ? undefined : "'live' or 'allocated'"),
  domain: DOMAIN,
}

/**
 * A profile in a format that other tools open; docs/export.md says which, and what each number is. The answer is for
 * `fs.promises.writeFile`, or for anything else that takes chunks of bytes:
 *
 *     await writeFile('profile.pb.gz', exportProfile(reader, 'pprof'))
 *
 * Several recordings, such as those of worker threads, are one profile in which equal stacks are one. Bytes are estimates
 * from the samples in the measure of the exact counters, as with `sites()`, rounded so that the total stays; what
 * heapproof itself allocated is left out. Readers must stay open until the last chunk.
 *
 * Cost: one walk through the events, three with `at: 'peak'`; memory grows with the number of stacks, not with the size
 * of the export.
 *
 * @throws HeapproofError `invalid-argument` at once; while chunks are read, `damaged-profile`.
 */
export function exportProfile(
  profile: Reader | readonly Reader[] | Snapshot,
  format: ExportFormat,
  options?: ExportOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const taken = profilesOf('exportProfile', profile)
  checkFormat(format)
  const { at, value, domain } = checkOptions('exportProfile', options, RULES)
  if (at !== undefined && 'traces' in taken) {
    throw refused('exportProfile: a snapshot has one time; `at` is for recordings')
  }
  if (value === 'allocated' && 'traces' in taken) {
    throw refused('exportProfile: a snapshot knows what is live, not what was allocated')
  }
  if (value !== undefined && format === 'json') {
    throw refused('exportProfile: json holds both values; `value` is for the other formats')
  }
  const live = format === 'heapprofile' || at !== undefined || 'traces' in taken
  return bytesOf(taken, { at, domain }, format, value ?? (live ? 'live' : 'allocated'))
}

/** @throws HeapproofError `invalid-argument`, naming the format that was probably meant. */
export function checkFormat(format: unknown, known: readonly string[] = EXPORT_FORMATS): void {
  if (typeof format === 'string' && known.includes(format)) return
  const suggestion = typeof format === 'string' ? nearest(format, known) : undefined
  const help =
    suggestion === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${show(suggestion)}?`
  throw refused(`unknown export format ${show(format)}; ${help}`)
}

/** What it takes is loaded when it is asked for: a program that is recorded does not need it. */
async function* bytesOf(
  taken: readonly Reader[] | Snapshot,
  options: ViewOptions,
  format: ExportFormat,
  value: Value,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { viewOf } = await import('./view.js')
  const view = viewOf(taken, options)
  if (format === 'pprof') {
    const { gzippedPprof } = await import('./pprof-gzip.js')
    yield* gzippedPprof(view, value)
    return
  }
  const { textOf } = await import('./text-formats.js')
  for (const text of textOf(view, format, value)) yield Buffer.from(text, 'utf8')
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}

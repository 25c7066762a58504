import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Domain, Site } from '../types.js'
import { callTimes, type Job, wait } from './drive.js'
import type { Instruments } from './instruments.js'

/** What a sampled run found out. */
export interface Sampled {
  readonly sites: readonly Site[]
  readonly samplingInterval: number
  readonly error: number
  readonly profile: string | undefined
}

export interface SampleSettings {
  readonly samplingInterval: number
  /** Where the profile goes; a temporary directory when undefined. */
  readonly fileBase: string | undefined
  readonly keep: boolean
  /** What to record, when it is not the usual. */
  readonly domains?: readonly Domain[] | undefined
  /** How often to call the function. Default 1. */
  readonly calls?: number
  /** Whether to let the event loop turn, and to collect the heap, before the end: then `live` of a site is what stays. */
  readonly settle?: boolean
  /** Reads the sites, in place of `instruments.sites`. */
  readonly readSites?: (fileBase: string) => readonly Site[]
}

const MIN_INTERVAL = 16
const MAX_INTERVAL = 512 * 1024

/** Of less than this every allocation is recorded: a single object could be missed. */
const LITTLE = 2000

/**
 * The sampling interval for work of a known size: 10,000 samples, which put the total within 1 % and a line with a
 * tenth of it within 3 % (standard error 1/sqrt(samples)). Between 16 bytes, the smallest object V8 makes, and
 * 512 KiB, V8's own default.
 */
export function intervalFor(bytes: number): number {
  if (bytes < LITTLE) return 1
  return Math.min(MAX_INTERVAL, Math.max(MIN_INTERVAL, Math.floor(bytes / 10_000)))
}

/**
 * Calls `fn` under the sampler and reads the profile; the first time in an isolate, once more before. Whatever happens the
 * session is over afterwards, and when `fn` fails no file is left.
 */
export function* sample(instruments: Instruments, fn: () => unknown, settings: SampleSettings): Job<Sampled> {
  const directory = settings.fileBase === undefined ? mkdtempSync(join(tmpdir(), 'heapproof-')) : undefined
  const fileBase = settings.fileBase ?? join(directory as string, 'profile')
  let written = false
  let kept = false
  try {
    // Code that was thrown away is compiled again on its next call, and that call is not the one to look at.
    if (instruments.exactLines()) yield* wait(fn())
    instruments.start(fileBase, settings.samplingInterval, settings.domains)
    written = true
    yield* stopAfter(instruments, fn, settings)
    const sites = settings.readSites?.(fileBase) ?? instruments.sites(fileBase)
    kept = settings.keep
    return {
      sites,
      samplingInterval: settings.samplingInterval,
      error: totalError(sites),
      profile: kept ? fileBase : undefined,
    }
  } finally {
    if (directory !== undefined && !kept) rmSync(directory, { recursive: true, force: true })
    // A session that never started has not touched a former profile; then neither do we.
    else if (written && !kept) removeProfile(fileBase)
  }
}

/** Removes the files of a profile. */
export function removeProfile(fileBase: string): void {
  for (const end of ['.hpm', '.hpd']) rmSync(fileBase + end, { force: true })
}

function* stopAfter(instruments: Instruments, fn: () => unknown, settings: SampleSettings): Job<void> {
  try {
    yield* callTimes(fn, settings.calls ?? 1)
    if (settings.settle === true) {
      // Twice: what finalizers let go after the first collection is gone after the second.
      for (let time = 0; time < 2; time++) {
        yield* wait(instruments.turnEventLoop())
        instruments.counting.collectGarbage()
      }
    }
  } catch (error) {
    try {
      instruments.stop()
    } catch {
      // The user's own error is the one to see.
    }
    throw error
  }
  instruments.stop()
}

/** Errors of independent estimates add up in squares. */
function totalError(sites: readonly Site[]): number {
  const total = sum(sites, (site) => site.self)
  return total === 0 ? 0 : Math.sqrt(sum(sites, (site) => (site.self * site.error) ** 2)) / total
}

function sum(sites: readonly Site[], of: (site: Site) => number): number {
  return sites.reduce((total, site) => total + of(site), 0)
}

import { join } from 'node:path'
import type { ProfileKeeper } from '../expect/profiles.js'
import { formatSize } from '../text/bytes.js'
import type { Attempt } from './attempt.js'
import { dropOldest } from './drop-oldest.js'
import type { TestSite } from './record.js'
import type { FileRecorder } from './recorder.js'

/** How tests are recorded in this worker. */
export interface Profiling {
  readonly recorder: FileRecorder
  readonly keep: 'failed' | 'all' | 'none'
  /** Gives out file bases. */
  readonly keeper: ProfileKeeper
  /** Bytes that all profiles of the project may take together. */
  readonly maxSize: number
}

/** Ends the recording of a test file: its working files go, and old profiles when there are too many. */
export function endFile({ recorder, maxSize }: Profiling, root: string): void {
  recorder.close()
  if (recorder.kept === 0) return
  const dropped = dropOldest(join(root, '.heapproof'), maxSize)
  if (dropped.files > 0) {
    const size = formatSize(maxSize, 'SI')
    process.stderr.write(
      `heapproof: profiles took more than maxSize, ${size}: the ${dropped.files} oldest were removed\n`,
    )
  }
}

/** What is left of the recording of a test. */
export interface Kept {
  readonly sites: readonly TestSite[]
  readonly samplingInterval: number | undefined
  readonly samplingError: number | undefined
  /** Absolute file base, when the profile was kept. */
  readonly profile: string | undefined
  /** Why there are no lines. */
  readonly noLines: string | undefined
}

const NOTHING: Kept = {
  sites: [],
  samplingInterval: undefined,
  samplingError: undefined,
  profile: undefined,
  noLines: undefined,
}

/** A test that allocated less than this part of the interval is hardly ever sampled: reading the files is not worth it. */
const WORTH_READING = 1 / 4

/** Reduces the recording of a try to its lines, and keeps it where that is wanted. */
export async function keepProfile(
  { profiling, root }: { profiling: Profiling | undefined; root: string },
  test: { file: string; name: string },
  attempt: Attempt,
  failed: boolean,
): Promise<Kept> {
  if (profiling === undefined) return NOTHING
  if (attempt.overlapped) return { ...NOTHING, noLines: 'another test ran at the same time' }
  const { recorder, keep } = profiling
  const { samplingInterval } = recorder
  const wanted = keep === 'all' || (keep === 'failed' && failed)
  const little = attempt.heap + attempt.arrayBuffers < samplingInterval * WORTH_READING
  const interval = formatSize(samplingInterval, 'IEC')
  const noLines = `sampled every ${interval}, and none of the samples fell into this test`
  if (little && !wanted) return { ...NOTHING, samplingInterval, samplingError: 0, noLines }
  const lines = await recorder.lines(root)
  if (lines === undefined) return NOTHING
  let profile: string | undefined
  if (wanted && recorder.isWhole) {
    profile = profiling.keeper.fileBase(test.file, test.name)
    recorder.keep(profile)
  }
  return { sites: lines.sites, samplingInterval, samplingError: lines.error, profile, noLines }
}

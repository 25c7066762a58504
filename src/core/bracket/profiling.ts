import { join } from 'node:path'
import type { ProfileKeeper } from '../expect/profiles.js'
import { formatSize } from '../text/bytes.js'
import type { Attempt } from './attempt.js'
import { dropOldest } from './drop-oldest.js'
import type { TestLine, TestSite } from './record.js'
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
export function endFile({ recorder, keeper, maxSize }: Profiling, root: string): void {
  recorder.close()
  if (keeper.given === 0) return
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
  readonly all: readonly TestLine[]
  readonly samplingInterval: number | undefined
  readonly samplingError: number | undefined
  /** Absolute file base, when the profile was kept. */
  readonly profile: string | undefined
  /** Why there are no lines. */
  readonly noLines: string | undefined
  /** Whether the recording ended before the body did. */
  readonly partial?: boolean
}

const NOTHING: Kept = {
  sites: [],
  all: [],
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
  const threads = attempt.workers === undefined ? '' : '; its worker threads are not sampled'
  const noLines = `sampled every ${interval}, and none of the samples fell into this test${threads}`
  if (little && !wanted) return { ...NOTHING, samplingInterval, samplingError: 0, noLines }
  const lines = await recorder.lines(root, attempt.workers === undefined ? attempt : undefined)
  if (lines === undefined) return NOTHING
  let profile: string | undefined
  if (wanted && recorder.isWhole) {
    profile = profiling.keeper.fileBase(test.file, test.name)
    await recorder.keep(profile)
  }
  const { sites, all, error } = lines
  return { sites, all, samplingInterval, samplingError: error, profile, noLines, partial: !recorder.isWhole }
}

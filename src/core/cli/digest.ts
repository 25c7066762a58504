import type { DigestProgress } from '../digest/steps.js'
import { HeapproofError } from '../errors.js'
import { read } from '../reader.js'
import { groupDigits } from '../text/bytes.js'
import { show } from '../text/show.js'
import { DigestLine } from './digest-line.js'

/** Options of `heapproof digest`, as they were typed. */
export interface TypedDigest {
  readonly interval?: string
  readonly precision?: string
}

/**
 * Makes the digest of a profile, and says so. Ctrl-C ends it with a digest as far as it has come, and with the exit code
 * of a program that Ctrl-C has ended.
 */
export async function digestCommand(fileBase: string, typed: TypedDigest): Promise<void> {
  const interval = typed.interval === undefined ? undefined : secondsOf(typed.interval)
  const precision = typed.precision === undefined ? undefined : partOf(typed.precision)
  const controller = new AbortController()
  const interrupt = (): void => controller.abort()
  const line = new DigestLine(process.stderr)
  using reader = read(fileBase)
  // Only the first time: a second Ctrl-C ends the process at once, and then there is no digest.
  process.once('SIGINT', interrupt)
  try {
    const onProgress = (progress: DigestProgress): void => line.show(progress)
    await reader.makeDigest({ interval, precision, onProgress, signal: controller.signal })
  } catch (error) {
    if (!controller.signal.aborted || error !== controller.signal.reason) throw error
    process.exitCode = 130
  } finally {
    process.removeListener('SIGINT', interrupt)
    line.clear()
  }
  if (!reader.hasDigest) {
    console.error('heapproof: interrupted before the first snapshot: there is no digest')
    return
  }
  const { length, times, complete } = reader.snapshots()
  const end = complete ? '' : `, which end at ${times.at(-1) ?? 0} s, where it was interrupted`
  console.error(`heapproof: digest in ${reader.fileBase}.hpc: ${groupDigits(length)} snapshots${end}`)
}

function secondsOf(typed: string): number {
  const parts = /^(\d+(?:\.\d+)?|\.\d+) ?(ms|s|min)$/.exec(typed)
  const unit = { ms: 0.001, s: 1, min: 60 }[parts?.[2] ?? '']
  if (unit !== undefined) return Number(parts?.[1]) * unit
  throw new HeapproofError(
    'invalid-argument',
    `--interval must be a time with its unit, such as 0.5s, 20ms or 1min, received ${show(typed)}`,
  )
}

function partOf(typed: string): number {
  if (/^(\d+(\.\d+)?|\.\d+)(e-?\d+)?$/i.test(typed)) return Number(typed)
  throw new HeapproofError(
    'invalid-argument',
    `--precision must be a number from 0 to less than 1, received ${show(typed)}`,
  )
}

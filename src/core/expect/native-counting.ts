import { HeapproofError } from '../errors.js'
import type { Job } from '../measure/drive.js'
import type { Instruments } from '../measure/instruments.js'
import type { Domain } from '../types.js'

/**
 * Runs a job while native memory is counted, if it is asked for.
 *
 * @throws HeapproofError `unsupported` where it cannot be: on other platforms than Linux, and in a Node without symbols.
 */
export function* withNative<T>(
  what: string,
  tools: Instruments,
  domains: readonly Domain[],
  job: Job<T>,
): Job<T> {
  if (!domains.includes('native')) return yield* job
  const refusal = tools.countNative(true)
  if (refusal !== undefined) throw noNative(what, refusal)
  try {
    return yield* job
  } finally {
    tools.countNative(false)
  }
}

/** The error for a reason of the addon, which has the form `code: sentence`. */
function noNative(what: string, refusal: string): HeapproofError {
  const reason = refusal.replace(/^[a-z-]+: /, '')
  return new HeapproofError('unsupported', `${what}: native memory cannot be counted here: ${reason}`)
}

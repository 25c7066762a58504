import { HeapproofError } from '../errors.js'
import { mergeProfiles } from '../merge/merge-profiles.js'
import { inputsOf, say, sayCut } from './inputs.js'

/** Options of `heapproof merge`, as they were typed. */
export interface TypedMerge {
  readonly output?: string
  readonly all?: boolean
}

/**
 * Writes several profiles as one. Answers the signal that ended it early, if one did: nothing is left of it then.
 */
export async function mergeCommand(
  bases: readonly string[],
  { output, all = false }: TypedMerge,
): Promise<NodeJS.Signals | undefined> {
  if (output === undefined || output === '') {
    throw new HeapproofError(
      'invalid-argument',
      '-o is needed: the path of the merged profile, without an extension',
    )
  }
  const stopping = new AbortController()
  const stop = (signal: NodeJS.Signals) => stopping.abort(signal)
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop)
  try {
    const parts = await mergeProfiles(inputsOf(bases, all), output, { signal: stopping.signal })
    sayCut(parts)
    say(`${parts.length} ${parts.length === 1 ? 'profile' : 'profiles'} merged into ${output}.hpm and .hpd`)
  } catch (error) {
    if (!stopping.signal.aborted || error !== stopping.signal.reason) throw error
    return stopping.signal.reason
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, stop)
  }
  return undefined
}

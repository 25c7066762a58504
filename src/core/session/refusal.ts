import type { Addon } from '../addon.js'
import { HeapproofError } from '../errors.js'
import { currentSession } from './state.js'

/** The error for a reason of the addon, which has the form `code` or `code: sentence`. `next` is what was called. */
export function refused(refusal: string, next: string): HeapproofError {
  const [, code, sentence] = /^([a-z-]+)(?:: (.*))?$/s.exec(refusal) ?? ['', 'sampler-failed', refusal]
  if (code === 'already-profiling') return alreadyProfiling(next)
  return new HeapproofError(code as string, `cannot start the sampler: ${sentence ?? code}`)
}

/**
 * Throws when a session would be the second of its thread. Another copy of heapproof in this realm may have the first: the
 * copies share the state, not the native half.
 */
export function refuseSecond(native: Addon, next: string): void {
  if (native.isProfiling() || currentSession() !== undefined) throw alreadyProfiling(next)
}

function alreadyProfiling(next: string): HeapproofError {
  return new HeapproofError('already-profiling', `${underWay()}: stop() it before the next ${next}`)
}

function underWay(): string {
  const session = currentSession()
  switch (session?.kind) {
    case 'recording':
      return `a recording is under way into ${session.fileBase}`
    case 'live':
      return 'a live view is under way'
    case 'stats':
      return 'a count of sizes, by gatherStats(), is under way'
    default:
      return 'a recording is under way elsewhere in this process'
  }
}

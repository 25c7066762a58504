import { type Addon, addon } from '../addon.js'
import { isQuiet } from '../session/make-room.js'
import { currentSession } from '../session/state.js'

/** The addon while a recording or a live view is under way in this thread. Never throws. */
export function tracer(): Addon | undefined {
  if (currentSession()?.kind === 'stats') return undefined
  try {
    const native = addon()
    return native.isProfiling() && !isQuiet() ? native : undefined
  } catch {
    return undefined // no addon for this Node: then nothing can be under way
  }
}

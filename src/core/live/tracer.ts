import { type Addon, addon } from '../addon.js'
import { currentSession } from '../session/state.js'

/** The addon while a recording or a live view is under way in this thread. */
export function tracer(): Addon | undefined {
  if (currentSession()?.kind === 'stats') return undefined
  const native = addon()
  return native.isProfiling() ? native : undefined
}

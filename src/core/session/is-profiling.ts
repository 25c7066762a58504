import { addon } from '../addon.js'
import { isQuiet } from './make-room.js'
import { currentSession } from './state.js'

/**
 * Whether a recording is under way in this thread. One that a test runner made of a test does not count: it ends when the
 * test starts its own.
 *
 * @throws HeapproofError `addon-unavailable`.
 */
export function isProfiling(): boolean {
  return (addon().isProfiling() || currentSession() !== undefined) && !isQuiet()
}

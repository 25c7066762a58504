import { addon } from '../addon.js'

/** Whether a recording is under way in this thread. @throws HeapproofError `addon-unavailable`. */
export function isProfiling(): boolean {
  return addon().isProfiling()
}

import { currentSession } from './state.js'
import { stop } from './stop.js'

/** Ends the recording under way if the program did not ask for it: only one can be, and what it asks for comes first. */
export function makeRoom(): void {
  if (isQuiet()) stop()
}

/** Whether all that is under way here is a recording that the program did not ask for, and need not know of. */
export function isQuiet(): boolean {
  return currentSession()?.quiet === true
}

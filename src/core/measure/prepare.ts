import { addon } from '../addon.js'

/**
 * Loads the addon, so that it sees the code under test being compiled: only then are the lines of its functions known.
 * To be called before that code is loaded. A missing addon is not reported here, but by the first measurement: tests
 * that measure nothing do not need it.
 */
export function prepare(): void {
  try {
    addon()
  } catch {
    // See above.
  }
}

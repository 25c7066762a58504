import { addon } from '../addon.js'
import { coverageIsOn } from '../session/exact-lines.js'

/**
 * Loads the addon, so that it counts what V8 compiles, and knows the machine code of the code under test: that is told once.
 * To be called before that code is loaded. A missing addon is not reported here, but by the first measurement: tests
 * that measure nothing do not need it.
 *
 * @param coverage whether the runner collects coverage through V8
 */
export function prepare({ coverage = false } = {}): void {
  if (coverage) coverageIsOn()
  try {
    addon()
  } catch {
    // See above.
  }
}

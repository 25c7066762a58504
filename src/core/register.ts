import { addon } from './addon.js'
import { optionsFromEnvironment } from './live/environment.js'
import { startFromEnvironment } from './live/start-from-environment.js'
import { makeLinesExact } from './session/exact-lines.js'

// `node --require heapproof/register program.js` (or --import) starts the live view that the environment asks for,
// before the program is loaded: without a change to the program, whose every line is known then.

/** What Node itself ends with when an option is no good. */
const INVALID_ARGUMENT = 9

try {
  if (optionsFromEnvironment(process.env) !== undefined) prepare()
  startFromEnvironment()
} catch (error) {
  process.stderr.write(`heapproof: ${(error as Error).message}\n`)
  process.exit(INVALID_ARGUMENT)
}

/** Nothing of the program has been compiled yet, so nothing needs to be thrown away for its lines. */
function prepare(): void {
  try {
    makeLinesExact(addon(), true)
  } catch {
    // startFromEnvironment says why there is no addon.
  }
}

import { HeapproofError } from '../errors.js'
import { isProfiling } from '../session/is-profiling.js'
import { start } from '../session/start.js'
import { isMainThread, threadId } from '../thread.js'
import { optionsFromEnvironment } from './environment.js'

/**
 * Starts the live view that the environment asks for, if it does and nothing is under way. Where the sampler cannot run,
 * that is said on stderr and the program goes on without.
 *
 * @throws HeapproofError `invalid-argument` for a variable that means nothing.
 */
export function startFromEnvironment(): void {
  const options = optionsFromEnvironment(process.env)
  if (options === undefined) return
  try {
    if (!isProfiling()) start(options)
  } catch (error) {
    const where = isMainThread() ? '' : ` in worker ${threadId()}`
    const why = error instanceof HeapproofError ? error.message : String(error)
    process.stderr.write(`heapproof: no live view${where}: ${why}\n`)
  }
}

import { addon } from '../addon.js'
import { HeapproofError } from '../errors.js'
import { currentSession, setCurrentSession } from './state.js'

/**
 * Ends what is under way in this thread. The files of a recording are complete and closed afterwards, and frames know
 * their places in the sources that source maps name. A live view forgets everything. A count of sizes is printed to
 * stderr. Does nothing when nothing is under way.
 *
 * @throws HeapproofError `sampler-failed` when the sampler had stopped itself, for instance because the disk was full.
 *   What it wrote until then can be read.
 */
export function stop(): void {
  const session = currentSession()
  setCurrentSession(undefined)
  if (session !== undefined) {
    session.end()
    return
  }
  // Another realm of this thread may have started it, whose session is not seen from here.
  const native = addon()
  if (!native.isProfiling()) return
  const failure = native.stop()
  if (failure !== undefined)
    throw new HeapproofError('sampler-failed', `the recording stopped early: ${failure}`)
}

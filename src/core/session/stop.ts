import { addon } from '../addon.js'
import { HeapproofError } from '../errors.js'
import { annotateFromDisk } from './source-map-file.js'
import { currentSession, setCurrentSession } from './state.js'

/**
 * Ends the recording of this thread: both files are complete and closed afterwards, and frames know their places in the
 * sources that source maps name. Does nothing when no recording is under way.
 *
 * @throws HeapproofError `sampler-failed` when the sampler had stopped itself, for instance because the disk was full.
 *   What it wrote until then can be read.
 */
export function stop(): void {
  const session = currentSession()
  setCurrentSession(undefined)
  session?.release()
  const native = addon()
  if (session === undefined && !native.isProfiling()) return
  const failure = native.stop()
  if (session !== undefined) annotateFromDisk(session.fileBase)
  if (failure !== undefined) {
    const where = session === undefined ? 'the recording' : `the recording into ${session.fileBase}`
    throw new HeapproofError('sampler-failed', `${where} stopped early: ${failure}`)
  }
}

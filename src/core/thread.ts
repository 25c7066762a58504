import { addon } from './addon.js'

// Asked of the addon, because node:worker_threads takes 4 % of what Node needs to start, and most programs have no
// worker that would have loaded it.

/** Whether this is the main thread of its process. */
export function isMainThread(): boolean {
  try {
    return addon().isMainThread()
  } catch {
    return workerThreads().isMainThread // where the addon cannot be loaded, somebody is about to say so
  }
}

/** Id of this thread as in `worker_threads`; 0 is the main thread. */
export function threadId(): number {
  return isMainThread() ? 0 : workerThreads().threadId
}

function workerThreads() {
  return process.getBuiltinModule('node:worker_threads')
}

import { HeapproofError } from '../errors.js'
import { beginAside, endAside } from './aside.js'
import type { Job } from './drive.js'
import { measuringState } from './state.js'

/**
 * Runs a measuring job as the only one of its isolate. What it allocates counts for no test; see `aside`. `what` names
 * the caller in the error.
 *
 * @throws HeapproofError `overlap` while another one has not ended.
 */
export function* exclusively<T>(what: string, job: Job<T>): Job<T> {
  const state = measuringState()
  if (state.active) {
    throw new HeapproofError(
      'overlap',
      `${what}: another function is still being measured here. The counters count the whole isolate, so two ` +
        'measurements at once would count each other. Await the first one before you start the next, and measure ' +
        'asynchronous functions in tests that do not run concurrently',
    )
  }
  state.active = true
  beginAside()
  try {
    return yield* job
  } finally {
    state.active = false
    endAside()
  }
}

import { HeapproofError } from '../errors.js'
import { beginAside, endAside } from './aside.js'
import { isThenable, type Job } from './drive.js'
import { type MeasuringState, measuringState } from './state.js'
import { testsOverlap, watchOtherTests } from './tests.js'

/**
 * Runs a measuring job as the only one of its isolate. What it allocates counts for no test; see `aside`. `what` names
 * the caller in the error.
 *
 * A job that does not wait is alone in any case. So of tests that run at the same time each may measure what does not wait,
 * even while another one waits; those that had to wait have counted the other tests, and are refused at their end.
 *
 * @throws HeapproofError `overlap` while another one has not ended, and when it waited while another test ran.
 */
export function* exclusively<T>(what: string, job: Job<T>): Job<T> {
  const state = measuringState()
  if (state.active && !(state.waiting && testsOverlap())) throw underWay(what)
  beginAside()
  try {
    return state.active ? atOnce(what, job, state) : yield* alone(what, job, state)
  } finally {
    endAside()
  }
}

function* alone<T>(what: string, job: Job<T>, state: MeasuringState): Job<T> {
  const othersRan = watchOtherTests()
  let waited = false
  const isDisturbed = () => waited && othersRan()
  state.active = true
  try {
    let step = job.next()
    while (step.done !== true) {
      const waits = isThenable(step.value)
      waited ||= waits
      let value: unknown
      try {
        state.waiting = waits
        value = yield step.value
      } catch (error) {
        state.waiting = false
        step = job.throw(error)
        continue
      }
      state.waiting = false
      // The job is told, so that it ends soon; some jobs take it for a reason to go on without lines.
      step = isDisturbed() ? job.throw(disturbed(what)) : job.next(value)
    }
    if (isDisturbed()) throw disturbed(what)
    return step.value
  } finally {
    state.active = false
    state.waiting = false
  }
}

/** While another job waits. */
function atOnce<T>(what: string, job: Job<T>, state: MeasuringState): T {
  state.waiting = false // nothing begins inside of this one
  try {
    let step = job.next()
    while (step.done !== true) {
      if (isThenable(step.value)) {
        step.value.then(undefined, () => {}) // nobody else will hear of it
        step = job.throw(underWay(what))
      } else step = job.next(step.value)
    }
    return step.value
  } finally {
    state.waiting = true
  }
}

function underWay(what: string): HeapproofError {
  return new HeapproofError(
    'overlap',
    `${what}: another function is still being measured here. The counters count the whole isolate, so two ` +
      'measurements at once would count each other. Await the first one before you start the next, and measure ' +
      'asynchronous functions in tests that do not run concurrently',
  )
}

function disturbed(what: string): HeapproofError {
  return new HeapproofError(
    'overlap',
    `${what}: cannot tell: another test ran while this one waited, and the counters count the whole isolate. ` +
      'Measure asynchronous functions in tests that do not run concurrently',
  )
}

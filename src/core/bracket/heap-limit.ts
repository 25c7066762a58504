import { HeapproofError } from '../errors.js'
import { beginAside, endAside } from '../measure/aside.js'
import type { Attempt } from './attempt.js'
import { type HeapLimits, readOwnLimits } from './limits.js'
import { bracketState } from './state.js'

const NAME = 'heapLimit()'

/**
 * Limits the test that runs: it fails at its end when its body used more. To be called at the beginning of the body;
 * `allocated` counts from the beginning of the body in any case, the others from the call on. A later call replaces
 * limits of the same name, and those from the options of the runner.
 *
 * | limit       | what is compared with it                                                                        |
 * | ----------- | ----------------------------------------------------------------------------------------------- |
 * | `allocated` | all bytes that the body allocates, on the heap and behind ArrayBuffers, freed again or not      |
 * | `retained`  | what is live after the body and was not before; costs two full collections, 20 ms or more each |
 * | `peak`      | the most that is live at once; collects up to 64 times on the way                               |
 * | `native`    | what C++ code takes from malloc, freed again or not; Linux only                                 |
 *
 * With `workers: true` the worker threads that the body starts from then on are in `allocated`, to their ends. When one
 * still runs at the end of the body, or could not be counted, nothing is known of `allocated`.
 *
 * @throws HeapproofError `invalid-argument` for a name that is no limit, or outside of a test; `invalid-size`; `overlap`
 *   when several tests run at the same time.
 */
export function heapLimit(limits: HeapLimits): void {
  // What follows does not count for the test.
  beginAside()
  try {
    readOwnLimits(NAME, limits, new Map()) // a mistake in them comes before any other
    if (bracketState().unmeasured) return
    const attempt = currentAttempt()
    attempt.ask(readOwnLimits(NAME, limits, attempt.limits), calledAt())
  } catch (error) {
    Error.captureStackTrace?.(error as Error, heapLimit)
    throw error
  } finally {
    endAside()
  }
}

function currentAttempt(): Attempt {
  const { onStack } = bracketState()
  if (onStack !== undefined) return onStack
  const attempts = [...bracketState().running.values()].filter(({ body }) => body.state === 'running')
  const [attempt] = attempts
  if (attempt === undefined) {
    throw new HeapproofError(
      'invalid-argument',
      `${NAME}: no test is being measured here. Call it inside a test, with heapproof in the configuration of the ` +
        "runner: `plugins: [heapproof()]` in Vitest, `preset: 'heapproof'` or `withHeapproof()` in Jest",
    )
  }
  if (attempts.length > 1) {
    throw new HeapproofError(
      'overlap',
      `${NAME}: cannot tell: ${attempts.length} tests run at the same time, and the counters count the whole isolate. ` +
        'Take `concurrent` from tests that have a limit',
    )
  }
  return attempt
}

/** An error whose stack begins with the caller of `heapLimit`. */
function calledAt(): Error {
  const here = new Error()
  Error.captureStackTrace?.(here, heapLimit)
  return here
}

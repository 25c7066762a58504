import type { MatcherResult } from './matcher.js'

/**
 * Makes an assertion that nobody awaits count all the same.
 *
 * The runner chains its own check to what the matcher returns, and hands the chained promise to the test. When the test
 * drops it, it fails too late and in nobody's name, as an unhandled rejection. So what is chained is handed out in a
 * wrapping that notices whether somebody listens, and `wait` is given a twin, for the runner to wait for at the end of the
 * test: the twin fails as the assertion does, unless somebody listened, who then has the error already.
 */
export function countUnawaited(
  result: Promise<MatcherResult>,
  wait: (twin: Promise<void>) => void,
): Promise<MatcherResult> {
  return thenable((...check) => watched(result.then(...check), wait))
}

/** Turns of the microtask queue in which a promise that was handed on may yet find a listener. */
const TURNS = 10

/** Jest 29 chains twice: so whatever is chained to it is watched in turn. */
function watched(promise: Promise<unknown>, wait: (twin: Promise<void>) => void): Promise<unknown> {
  let heard = false
  const twin = promise.then(
    () => undefined,
    async (error: unknown) => {
      for (let turn = 0; turn < TURNS && !heard; turn++) await null
      if (!heard) throw error
    },
  )
  twin.catch(() => undefined) // should the test be over already
  wait(twin)
  return thenable((...listeners) => {
    heard = true
    return watched(promise.then(...listeners), wait)
  })
}

type Listeners = Parameters<Promise<unknown>['then']>

/** A promise whose `then` is ours. A real one would not do: `await` does not ask a real promise for its `then`. */
function thenable<T>(then: (...listeners: Listeners) => Promise<unknown>): Promise<T> {
  const promise = {
    then,
    catch: (onRejected: Listeners[1]) => then(undefined, onRejected),
    finally: (onFinally: () => unknown) =>
      then(
        async (value) => {
          await onFinally()
          return value
        },
        async (error) => {
          await onFinally()
          throw error
        },
      ),
    [Symbol.toStringTag]: 'Promise',
  }
  return promise as unknown as Promise<T>
}

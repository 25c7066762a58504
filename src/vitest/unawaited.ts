import type { MatcherResult } from '../core/expect/allocate-less-than.js'
import type { Task } from './worker.js'

/**
 * Makes an assertion that nobody awaits count all the same.
 *
 * Vitest chains its own check to what the matcher returns, and hands the chained promise to the test. When the test drops
 * it, it fails too late, as an unhandled rejection of the whole run. So the chained promise is handed out in a wrapping
 * that notices whether somebody listens, and the test is given a twin that it waits for at its end: the twin fails as
 * the assertion does, unless somebody listened, who then has the error already.
 */
export function countUnawaited(
  result: Promise<MatcherResult>,
  task: Task | undefined,
): Promise<MatcherResult> {
  if (task === undefined) return result
  return thenable((...check) => {
    const checked = result.then(...check)
    let heard = false
    const twin = checked.then(
      () => undefined,
      (error: unknown) => {
        if (!heard) throw error
      },
    )
    twin.catch(() => undefined) // should the test be over already
    task.promises ??= []
    task.promises.push(twin)
    return thenable((...listeners) => {
      heard = true
      return checked.then(...listeners)
    })
  })
}

type Listeners = Parameters<Promise<unknown>['then']>

/** A promise whose `then` is ours. A real one would not do: `await` does not ask a real promise for its `then`. */
function thenable<T>(then: (...listeners: Listeners) => Promise<unknown>): Promise<T> {
  const promise = {
    then,
    catch: (onRejected: Listeners[1]) => then(undefined, onRejected),
    finally: (onFinally: () => void) => then(undefined, undefined).finally(onFinally),
    [Symbol.toStringTag]: 'Promise',
  }
  return promise as unknown as Promise<T>
}

import type { MatcherResult } from '../core/expect/matcher.js'
import * as core from '../core/expect/unawaited.js'
import type { Task } from './worker.js'

/** Makes an assertion that nobody awaits fail its own test, which waits at its end for what is in its `promises`. */
export function countUnawaited(
  result: Promise<MatcherResult>,
  task: Task | undefined,
): Promise<MatcherResult> {
  if (task === undefined) return result
  return core.countUnawaited(result, (twin) => {
    task.promises ??= []
    task.promises.push(twin)
  })
}

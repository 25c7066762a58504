import { expect, inject } from 'vitest'
import { bracketState } from '../core/bracket/state.js'
import { matchers } from '../core/expect/matchers.js'
import { ProfileKeeper } from '../core/expect/profiles.js'
import { unmeasured } from '../core/expect/unmeasured.js'
import { prepare } from '../core/measure/prepare.js'
import { startBracket } from './bracket/start.js'
import { heapSnapshots } from './snapshots.js'
import { countUnawaited } from './unawaited.js'
import { currentTask, type Provided, sourceMapOf, type Task } from './worker.js'

const provided = inject('heapproof' as never) as Provided
const { root, cwd, project, coverage } = provided
// Set-up files run before the code under test is compiled.
prepare({ coverage })
const keeper = new ProfileKeeper(root, project)
const snapshotsOf = heapSnapshots(provided, expect.getState().testPath ?? '')
if (provided.available) await startBracket(provided, keeper, snapshotsOf)
else bracketState().unmeasured = true

for (const [name, matcher] of Object.entries(matchers)) {
  expect.extend({
    [name](received: unknown, ...given: unknown[]) {
      const { isNot, promise, testPath = '', currentTestName = '' } = this
      const keepAt = () => keeper.fileBase(testPath, currentTestName)
      const { task = currentTask(), snapshotState } = this as { task?: Task; snapshotState?: unknown }
      const snapshot = snapshotsOf(task, snapshotState)
      const context = { isNot, promise, root, cwd, keepAt, resolve: sourceMapOf, snapshot }
      const result = provided.available
        ? matcher(context, received, ...given)
        : unmeasured(name, context, received)
      return 'then' in result ? countUnawaited(result, task) : result
    },
  })
}

import { expect, inject } from 'vitest'
import { matchers } from '../core/expect/matchers.js'
import { ProfileKeeper } from '../core/expect/profiles.js'
import { prepare } from '../core/measure/prepare.js'
import { startBracket } from './bracket/start.js'
import { countUnawaited } from './unawaited.js'
import { currentTask, type Provided, sourceMapOf, type Task } from './worker.js'

const provided = inject('heapproof' as never) as Provided
const { root, cwd, project, coverage } = provided
// Set-up files run before the code under test is compiled.
prepare({ coverage })
const keeper = new ProfileKeeper(root, project)
if (provided.available) await startBracket(provided, keeper)

for (const [name, matcher] of Object.entries(matchers)) {
  expect.extend({
    [name](received: unknown, ...given: unknown[]) {
      const { isNot, promise, testPath = '', currentTestName = '' } = this
      const keepAt = () => keeper.fileBase(testPath, currentTestName)
      const context = { isNot, promise, root, cwd, keepAt, resolve: sourceMapOf }
      const result = matcher(context, received, ...given)
      const { task = currentTask() } = this as { task?: Task }
      return 'then' in result ? countUnawaited(result, task) : result
    },
  })
}

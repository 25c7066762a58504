import { expect, inject } from 'vitest'
import { allocateLessThan } from '../core/expect/allocate-less-than.js'
import { ProfileKeeper } from '../core/expect/profiles.js'
import type { CallOptions } from '../core/measure/options.js'
import { prepare } from '../core/measure/prepare.js'
import type { Size } from '../core/text/bytes.js'
import { startBracket } from './bracket/start.js'
import { countUnawaited } from './unawaited.js'
import { currentTask, type Provided, sourceMapOf, type Task } from './worker.js'

const provided = inject('heapproof' as never) as Provided
const { root, cwd, project, coverage } = provided
// Set-up files run before the code under test is compiled.
prepare({ coverage })
const keeper = new ProfileKeeper(root, project)
if (provided.available) await startBracket(provided, keeper)

expect.extend({
  toAllocateLessThan(received: unknown, limit: Size, options?: CallOptions) {
    const { isNot, testPath = '', currentTestName = '' } = this
    const result = allocateLessThan(received, limit, options, {
      isNot,
      root,
      cwd,
      keepAt: () => keeper.fileBase(testPath, currentTestName),
      resolve: sourceMapOf,
    })
    const { task = currentTask() } = this as { task?: Task }
    return 'then' in result ? countUnawaited(result, task) : result
  },
})

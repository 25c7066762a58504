import { bracketState } from '../core/bracket/state.js'
import { MATCHERS } from '../core/expect/matcher-names.js'
import { ProfileKeeper } from '../core/expect/profiles.js'
import { prepare } from '../core/measure/prepare.js'
import { uncounted } from '../core/measure/uncounted.js'
import { removeLog } from '../core/snapshot/log-path.js'
import type { Vitest } from './bracket/internals.js'
import { startBracket } from './bracket/start.js'
import type { Given, matchersOf } from './matchers.js'
import type { Provided } from './worker.js'

const FILE = `${__dirname}/matchers.cjs`

/** What a worker does before each test file. `vitest` is the module that this file's tests have. */
export async function setUpWorker(vitest: Vitest): Promise<void> {
  const provided = vitest.inject('heapproof' as never) as Provided
  const { root, project, coverage } = provided
  // Set-up files run before the code under test is compiled.
  prepare({ coverage })
  removeLog(root, project, vitest.expect.getState().testPath ?? '')
  const keeper = new ProfileKeeper(root, project)
  const snapshotsOf = provided.snapshots.tests ? await snapshotsOfTests(vitest, provided) : undefined
  if (provided.available) await startBracket(vitest, provided, keeper, snapshotsOf)
  else bracketState().unmeasured = true
  register(vitest.expect, { expect: vitest.expect, provided, keeper, snapshotsOf })
}

async function snapshotsOfTests({ expect }: Vitest, provided: Provided): Promise<Given['snapshotsOf']> {
  const { heapSnapshots } = await import('./snapshots.js')
  return heapSnapshots(expect, provided, expect.getState().testPath ?? '')
}

/** What is behind the matchers is loaded when a test calls one: on the spot, since matchers cannot wait. */
function register(expect: Vitest['expect'], given: Given): void {
  const load = (): typeof import('./matchers.js') => require(FILE)
  let matchers: ReturnType<typeof matchersOf> | undefined
  for (const name of MATCHERS) {
    expect.extend({
      [name](received: unknown, ...written: unknown[]) {
        return uncounted(() => {
          matchers ??= load().matchersOf(given)
          return matchers[name](this, received, written)
        })
      },
    })
  }
}

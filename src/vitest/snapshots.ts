import type { SnapshotContext } from '../core/snapshot/context.js'
import { environmentOf } from '../core/snapshot/environment.js'
import { SnapshotLog } from '../core/snapshot/log.js'
import { type RunnerState, serializer } from '../core/snapshot/runner-state.js'
import type { Vitest } from './bracket/internals.js'
import type { Provided } from './worker.js'

/** What is known of a test that has snapshots. */
export interface SnapshotTest {
  readonly id: string
  readonly name: string
  readonly suite?: Suite
}

interface Suite {
  readonly name: string
  readonly suite?: Suite
}

/** The heap snapshots of a test; `state` is what Vitest gave its matcher. */
export type HeapSnapshots = (test: SnapshotTest | undefined, state?: unknown) => SnapshotContext

const WRITER = 'Vitest 4.1.4 is the first that lets others write into the source; use toMatchHeapSnapshot'

/** Gives each test its heap snapshots: those of Vitest, in its files. To be made once for each test file. */
export function heapSnapshots(
  expect: Vitest['expect'],
  { root, project, snapshots, runner, instrumented }: Provided,
  testFile: string,
): HeapSnapshots {
  expect.addSnapshotSerializer(serializer as never)
  const log = new SnapshotLog(root, project, testFile)
  const environment = environmentOf(runner, instrumented)
  return (test, given = expect.getState().snapshotState) => {
    const state = given as RunnerState | undefined
    const names = test === undefined ? [] : namesOf(test)
    return {
      settings: snapshots,
      environment,
      log,
      testFile,
      testName: names.join(' > '),
      ask(hint) {
        if (test === undefined || state === undefined) return undefined
        const name = [...names, ...(hint === undefined ? [] : [hint])].join(' > ')
        return { state, name, test: { testId: test.id } }
      },
      inlineRefusal: state !== undefined && !('probeExpectedSnapshot' in state) ? WRITER : undefined,
    }
  }
}

/** As Vitest puts them together for keys. */
function namesOf(test: SnapshotTest): string[] {
  const names = [test.name]
  for (let { suite } = test; suite !== undefined; suite = suite.suite) {
    if (suite.name !== '') names.unshift(suite.name)
  }
  return names
}

import type { SnapshotContext } from '../core/snapshot/context.js'
import { environmentOf } from '../core/snapshot/environment.js'
import { SnapshotLog } from '../core/snapshot/log.js'
import { snapshotSettings } from '../core/snapshot/options.js'
import type { RunnerState } from '../core/snapshot/runner-state.js'

/** What is the same for all heap snapshots of a test file. */
export type FileSnapshots = Pick<SnapshotContext, 'settings' | 'environment' | 'log' | 'testFile'>

/** The part of the state of Jest's `expect` that snapshots need; the same in Jest 29 and 30. */
export interface ExpectState {
  readonly snapshotState?: unknown
  readonly currentTestName?: string
  readonly testFailing?: boolean
  readonly currentConcurrentTestName?: () => string | undefined
  readonly currentTestIdentity?: () => unknown
}

/** Where our test runner is not at work and cannot say: no project, no options, no version of Jest. */
export function snapshotsWithoutRunner(root: string, testFile: string): FileSnapshots {
  return {
    settings: snapshotSettings('heapproof', undefined),
    environment: environmentOf('jest', false),
    log: new SnapshotLog(root, '', testFile),
    testFile,
  }
}

/** The heap snapshots of a test: those of Jest, in its files. */
export function snapshotsOf(file: FileSnapshots, state: ExpectState): SnapshotContext {
  const { snapshotState, testFailing = false } = state
  const testName = state.currentConcurrentTestName?.() ?? state.currentTestName ?? ''
  return {
    ...file,
    testName,
    ask(hint) {
      if (snapshotState === undefined) return undefined
      const name = hint === undefined ? testName : `${testName}: ${hint}`
      return {
        state: snapshotState as RunnerState,
        name,
        test: { testFailing, testIdentity: state.currentTestIdentity?.() },
      }
    },
  }
}

import type { SnapshotLog } from './log.js'
import type { SnapshotSettings } from './options.js'
import type { AskedSnapshot } from './runner-state.js'
import type { Environment } from './types.js'

/** What a runner knows and a snapshot needs. */
export interface SnapshotContext {
  readonly settings: SnapshotSettings
  readonly environment: Environment
  /** Where what is measured is kept. */
  readonly log: Pick<SnapshotLog, 'add'>
  /** Absolute path of the test file, and the full name of the test. */
  readonly testFile: string
  readonly testName: string
  /** The snapshots of the file, and what the next one of this test is called; undefined outside of tests. */
  ask(hint: string | undefined): AskedSnapshot | undefined
  /** Why inline snapshots cannot be written here: a clause. */
  readonly inlineRefusal?: string | undefined
}

import type { BracketOptions, ProfileSettings } from '../core/bracket/options.js'
import type { ResolveSourceMap } from '../core/frames/annotate.js'
import type { SnapshotSettings } from '../core/snapshot/options.js'
import type { SnapshotTest } from './snapshots.js'

/** What the plugin hands to the set-up file of each worker. Plain data: it crosses a process boundary. */
export interface Provided {
  readonly root: string
  readonly cwd: string
  readonly project: string
  /** Whether Vitest collects coverage through V8. */
  readonly coverage: boolean
  /** Whether it collects coverage in any way. */
  readonly instrumented: boolean
  /** Vitest with its major version: `vitest 4`. */
  readonly runner: string
  readonly snapshots: SnapshotSettings
  readonly steady: boolean
  readonly limits: BracketOptions['limits']
  readonly limitsFor: BracketOptions['limitsFor']
  /** Undefined: tests are not recorded. */
  readonly profile: ProfileSettings | undefined
  /** False where there is no addon for this Node and the tests are to run all the same. */
  readonly available: boolean
}

type EncodedMap = ReturnType<ResolveSourceMap>

/** The part of Vitest's worker state that we read. Not documented, hence optional in every member. */
interface WorkerState {
  /** Vitest 4 and later. */
  evaluatedModules?: { getModuleSourceMapById?(id: string): { map?: EncodedMap } | null }
  /** Vitest 3. */
  moduleCache?: { getSourceMap?(id: string): EncodedMap | null }
  current?: Task
}

/** The part of a running test that we write to. */
export interface Task extends SnapshotTest {
  promises?: Promise<unknown>[]
}

function workerState(): WorkerState | undefined {
  return (globalThis as { __vitest_worker__?: WorkerState }).__vitest_worker__
}

/** The test that runs now, when Vitest did not say which one an `expect` belongs to. */
export function currentTask(): Task | undefined {
  return workerState()?.current
}

/** Vitest keeps the source maps of what it transformed beside the code, not in it. */
export const sourceMapOf: ResolveSourceMap = (url) => {
  const worker = workerState()
  const found = worker?.evaluatedModules?.getModuleSourceMapById?.(url)
  return found?.map ?? worker?.moduleCache?.getSourceMap?.(url) ?? undefined
}

import { dirname } from 'node:path'
import { addon } from '../../core/addon.js'
import { cannotTakeHold } from '../../core/bracket/available.js'
import { measureEmptyCost } from '../../core/bracket/empty-cost.js'
import type { Limits } from '../../core/bracket/limits.js'
import { limitsFor } from '../../core/bracket/limits-for.js'
import { endFile, type Profiling } from '../../core/bracket/profiling.js'
import type { TestRecord } from '../../core/bracket/record.js'
import { chooseRecord } from '../../core/bracket/record-of.js'
import { FileRecorder } from '../../core/bracket/recorder.js'
import { aroundBody, runTry, type TryResult } from '../../core/bracket/run-try.js'
import type { HeapproofError } from '../../core/errors.js'
import type { ProfileKeeper } from '../../core/expect/profiles.js'
import { keepAside } from '../../core/measure/aside.js'
import type * as core from '../../core/snapshot/match-test.js'
import type { HeapSnapshots } from '../snapshots.js'
import { type Provided, sourceMapOf } from '../worker.js'
import { type Hooks, install } from './install.js'
import { findInternals, runsHere, type TestTask, type Vitest } from './internals.js'

/**
 * Has every test of the file to come measured. `keeper` gives out the file bases of its profiles.
 *
 * @throws HeapproofError `unsupported` when this Vitest is not the one that runs the tests: no limit would hold.
 */
export async function startBracket(
  vitest: Vitest,
  provided: Provided,
  keeper: ProfileKeeper,
  snapshotsOf: HeapSnapshots | undefined,
): Promise<void> {
  const internals = await findInternals(vitest)
  if (internals === undefined || !runsHere(internals)) {
    throw cannotTakeHold('vitest', folderOfVitest(), internals !== undefined)
  }
  const { root, cwd, steady, profile } = provided
  const native = addon()
  if (steady) native.postponeCollections()
  keepAside(native)
  await measureEmptyCost(native)
  let profiling: Profiling | undefined
  if (profile !== undefined) {
    const { samplingInterval, keep, maxSize } = profile
    profiling = { recorder: new FileRecorder(root, samplingInterval, sourceMapOf), keep, keeper, maxSize }
  }
  const files = new Map<string, Promise<Limits>>()
  const limitsOf = (file: string) => {
    const limits = files.get(file) ?? limitsFor(file, root, provided)
    files.set(file, limits)
    return limits
  }
  const repetitions = new WeakMap<TestTask, Map<number, TestRecord>>()
  let last: { readonly task: TestTask; readonly result: TryResult } | undefined
  const hooks: Hooks = {
    aroundBody,
    // Of a test that failed softly, in a hook, or for assertions that are missing.
    async testEnded(task) {
      if (task.result?.state !== 'fail' || last?.task !== task) return
      const { record, keepLate } = last.result
      const late = await keepLate().catch(() => undefined)
      if (late !== undefined && task.meta.heapproof === record) task.meta.heapproof = late
    },
    async runTry(task, bodyIsKnown, run) {
      const file = task.file.filepath
      const test = {
        key: task,
        file,
        name: fullName(task),
        bodyIsKnown,
        limits: await limitsOf(file),
      }
      const result = await runTry(test, run, {
        addon: native,
        steady,
        profiling,
        root,
        cwd,
        configuredBy: 'heapproof()',
      })
      last = { task, result }
      // The last try of each repetition counts, and of these the best.
      const records = repetitions.get(task) ?? new Map<number, TestRecord>()
      repetitions.set(task, records.set(task.result?.repeatCount ?? 0, result.record))
      const passed = !result.threw && result.failure === undefined
      const mismatch =
        snapshotsOf && (await matchTest(passed ? result : undefined, snapshotsOf(task), provided))
      return {
        ...result,
        failure: result.failure ?? mismatch,
        record: chooseRecord([...records.values()]) ?? result.record,
      }
    },
    fileEnded() {
      if (profiling !== undefined) endFile(profiling, root)
    },
  }
  install(internals, hooks)
}

async function matchTest(...given: Parameters<typeof core.matchTest>): Promise<HeapproofError | undefined> {
  const { matchTest } = await import('../../core/snapshot/match-test.js')
  return matchTest(...given)
}

/** The one beside heapproof. */
function folderOfVitest(): string {
  return dirname(require.resolve('vitest/package.json'))
}

/** The same as Vitest gives matchers as `currentTestName`, so that their profiles lie side by side. */
function fullName(task: TestTask): string {
  const names = [task.name]
  for (let { suite } = task; suite !== undefined; suite = suite.suite) {
    if (suite.name !== '') names.unshift(suite.name)
  }
  return names.join(' ')
}

import { whenQuiet } from '../../core/bracket/quiet.js'
import type { TryResult } from '../../core/bracket/run-try.js'
import { type AroundBody, isBodyKnown, wrapHandlersOf } from './handlers.js'
import type { Internals, Runner, TestTask } from './internals.js'

const WRAPPED = Symbol.for('heapproof.runTask')
const HELD = Symbol.for('heapproof.held')
const ENDS = Symbol.for('heapproof.ends')
const HOOKS = Symbol.for('heapproof.hooks')

type RunTask = ((this: Runner, task: TestTask) => Promise<unknown>) & { [WRAPPED]?: true }

/** What is done with the tests of a file. */
export interface Hooks {
  /** Runs one try of a test; `run` is what Vitest would do. Its error is part of the result. */
  runTry(task: TestTask, bodyIsKnown: boolean, run: () => unknown): Promise<TryResult>
  readonly aroundBody: AroundBody
  /** To be called when all that belongs to a test is over. */
  testEnded(task: TestTask): Promise<void>
  fileEnded(): void
}

interface Patched extends Runner {
  /** Those of the set-up file that ran last: it runs again for each file, sometimes in another realm. */
  [HOOKS]?: Hooks
}

/**
 * Takes hold of every test that is collected and run from now on. Where Vitest does not isolate files its class is the
 * same for all of them, and is patched once.
 *
 * `runTask` is Vitest's own hook for those who write a runner. A runner of the user's that has one of its own is wrapped
 * when it runs its first file.
 */
export function install(internals: Internals, hooks: Hooks): void {
  const prototype: Patched = internals.runner.prototype
  prototype[HOOKS] = hooks
  const current = () => prototype[HOOKS] as Hooks
  try {
    wrapHandlersOf(internals.getCurrentSuite(), (...call) => current().aroundBody(...call))
  } catch {
    // Vitest has changed inside: then each test is measured with what is around it, and says so.
  }
  if (!isWrapped(prototype)) patch(prototype, internals, current)
}

function patch(prototype: Runner, internals: Internals, hooks: () => Hooks): void {
  wrapRunTask(prototype, internals, hooks)
  const { onBeforeRunSuite, onAfterRunSuite } = prototype
  prototype.onBeforeRunSuite = function (this: Runner, suite: unknown) {
    if (!isWrapped(this)) wrapRunTask(this, internals, hooks)
    holdMessages(this)
    watchEnds(this, hooks)
    return onBeforeRunSuite?.call(this, suite)
  }
  prototype.onAfterRunSuite = function (this: Runner, suite: unknown) {
    if ((suite as { filepath?: unknown }).filepath !== undefined) hooks().fileEnded()
    return onAfterRunSuite?.call(this, suite)
  }
}

function isWrapped({ runTask }: Runner): boolean {
  return (runTask as RunTask | undefined)?.[WRAPPED] === true
}

function wrapRunTask(holder: Runner, internals: Internals, hooks: () => Hooks): void {
  const original = holder.runTask
  const wrapped: RunTask = async function (this: Runner, task) {
    const run = () => (original === undefined ? internals.getTestFunction(task)() : original.call(this, task))
    const { record, failure, threw, error } = await hooks().runTry(task, isBodyKnown(task), run)
    if (threw && isSkip(error)) delete task.meta.heapproof
    else task.meta.heapproof = record
    if (threw) throw error
    if (failure !== undefined) throw failure
  }
  wrapped[WRAPPED] = true
  holder.runTask = wrapped
}

/** Vitest tells the main process how far it is, ten times a second, also while a test runs. */
function holdMessages(runner: Runner & { [HELD]?: true }): void {
  const { onTaskUpdate } = runner
  if (runner[HELD] || onTaskUpdate === undefined) return
  runner[HELD] = true
  runner.onTaskUpdate = (...update: unknown[]) => whenQuiet(() => onTaskUpdate.apply(runner, update))
}

/** Vitest has put a method of its own on the instance. */
function watchEnds(runner: Runner & { [ENDS]?: true }, hooks: () => Hooks): void {
  const { onAfterRunTask } = runner
  if (runner[ENDS]) return
  runner[ENDS] = true
  runner.onAfterRunTask = async (task: TestTask) => {
    await hooks().testEnded(task)
    return await onAfterRunTask?.call(runner, task)
  }
}

/** `context.skip()` leaves the test by an error. */
function isSkip(error: unknown): boolean {
  return (error as { code?: unknown } | null | undefined)?.code === 'VITEST_PENDING'
}

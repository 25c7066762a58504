import type { ExpectStatic, inject } from 'vitest'

/** The part of a Vitest test that we read and write; the same in Vitest 3.2, 4 and 5. */
export interface TestTask {
  readonly type: string
  readonly id: string
  readonly name: string
  readonly suite?: { readonly name: string; readonly suite?: TestTask['suite'] }
  readonly file: { readonly filepath: string }
  readonly meta: Record<string, unknown>
  readonly result?: { readonly state?: string; readonly retryCount?: number; readonly repeatCount?: number }
}

export type TestFunction = (...args: unknown[]) => unknown

/** Collects the tests of a file or of a `describe`. */
export interface Collector {
  readonly type: 'collector'
  test: { fn?: (this: unknown, ...args: unknown[]) => unknown }
  readonly tasks: unknown[]
}

/** An instance of the class that runs tests in a worker. */
export interface Runner {
  runTask?(task: TestTask): unknown
  onBeforeRunSuite?(suite: unknown): unknown
  onAfterRunSuite?(suite: unknown): unknown
  onAfterRunTask?(task: TestTask): unknown
  onTaskUpdate?(...update: unknown[]): unknown
}

/** The module `vitest` that tests have: what we need of it, and the way to those beside it. */
export interface Vitest {
  readonly expect: ExpectStatic
  readonly inject: typeof inject
  importOf(name: string): Promise<unknown>
}

/** What the bracket takes hold of in Vitest. */
export interface Internals {
  /** The very class whose instance runs the tests here; users' runners extend it. */
  readonly runner: { readonly prototype: Runner }
  getTestFunction(task: TestTask): TestFunction
  getCurrentSuite(): Collector
}

/**
 * Finds them: in Vitest 4.1 and later the class is exported by `vitest`, before that by `vitest/runners` and its helpers by
 * `vitest/suite`. Undefined when they are in neither place.
 */
export async function findInternals(vitest: Vitest): Promise<Internals | undefined> {
  try {
    const { TestRunner } = vitest as { TestRunner?: ModernRunner }
    if (TestRunner?.getTestFn !== undefined) {
      const { getTestFn, getCurrentSuite } = TestRunner
      return { runner: TestRunner, getTestFunction: getTestFn, getCurrentSuite }
    }
    const runners = (await vitest.importOf('runners')) as { VitestTestRunner: Internals['runner'] }
    const suite = (await vitest.importOf('suite')) as {
      getFn: Internals['getTestFunction']
      getCurrentSuite: Internals['getCurrentSuite']
    }
    return {
      runner: runners.VitestTestRunner,
      getTestFunction: suite.getFn,
      getCurrentSuite: suite.getCurrentSuite,
    }
  } catch {
    return undefined
  }
}

/** Whether this copy of Vitest runs the file at hand: a copy that does not knows of no suite, and nothing in it is called. */
export function runsHere({ getCurrentSuite }: Internals): boolean {
  try {
    return getCurrentSuite() !== undefined
  } catch {
    return false
  }
}

interface ModernRunner {
  readonly prototype: Runner
  getTestFn?: Internals['getTestFunction']
  getCurrentSuite: Internals['getCurrentSuite']
}

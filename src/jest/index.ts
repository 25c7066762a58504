import type {} from 'expect'
import { HeapproofError } from '../core/errors.js'
import { matchers } from '../core/expect/matchers.js'
import type { AllocateOptions, NothingOptions, PeakOptions, RetainOptions } from '../core/expect/options.js'
import { ProfileKeeper } from '../core/expect/profiles.js'
import type { CallOptions } from '../core/measure/options.js'
import { prepare } from '../core/measure/prepare.js'
import type { HeapSnapshotOptions, SnapshotsOptions } from '../core/snapshot/options.js'
import { serializer } from '../core/snapshot/runner-state.js'
import type { Size } from '../core/text/bytes.js'
import { type Handed, handed } from './realm.js'
import { type ExpectState, snapshotsOf, snapshotsWithoutRunner } from './snapshots.js'
import { awaitedOrNot, waitAfterEach } from './unawaited.js'

export { heapLimit } from '../core/bracket/heap-limit.js'
export type { HeapLimits } from '../core/bracket/limits.js'
export type {
  AllocateOptions,
  CallOptions,
  HeapSnapshotOptions,
  NothingOptions,
  PeakOptions,
  RetainOptions,
  Size,
  SnapshotsOptions,
}

/** The matchers, as `R` says what an assertion returns. */
interface HeapMatchers<R> {
  /**
   * Fails when one call of the received function allocates `limit` or more: on the JavaScript heap and behind
   * ArrayBuffers together, whether or not it is freed again. Await the assertion when the function is asynchronous.
   *
   * @param limit bytes as a number, or a string with a unit: `'5MB'` is 5,000,000 bytes, `'5MiB'` 5,242,880.
   */
  toAllocateLessThan(limit: Size, options?: AllocateOptions): R
  /**
   * Fails when every call of the received function allocates something, after ten calls that do not count. Await the
   * assertion when the function is asynchronous.
   */
  toAllocateNothing(options?: NothingOptions): R
  /**
   * Fails when a call of the received function leaves `limit` or more behind that is still reachable: what is live grows
   * in every round of calls. Fails as well when that cannot be told. Calls the function some hundred times if it is fast,
   * and collects the whole heap after each round. Await it.
   *
   * @param limit bytes a call.
   */
  toRetainLessThan(limit: Size, options?: RetainOptions): Promise<void>
  /**
   * Fails when at some moment of a call `limit` or more is reachable that was not there before it. Fails as well when
   * that cannot be told. Await the assertion when the function is asynchronous.
   */
  toPeakBelow(limit: Size, options?: PeakOptions): R
  /**
   * Fails when one call of the received function allocates more than the snapshot says, beyond what may differ from run to
   * run: in all, or in a function. The first time the snapshot is written. Await the assertion when the function is
   * asynchronous.
   */
  toMatchHeapSnapshot(options?: HeapSnapshotOptions): R
  toMatchHeapSnapshot(hint: string, options?: HeapSnapshotOptions): R
  /** The same, with the snapshot written into the source as the last argument. */
  toMatchInlineHeapSnapshot(snapshot?: string): R
  toMatchInlineHeapSnapshot(options: HeapSnapshotOptions, snapshot?: string): R
}

// The global `expect` of @types/jest,
declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: all declarations of one interface must agree
    interface Matchers<R, T = {}> extends HeapMatchers<R> {}
  }
}

// and the one that is imported from @jest/globals. The import makes TypeScript look for the module.
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends HeapMatchers<R> {}
}

/** The global `expect`, as far as it is used here. */
declare const expect: {
  addSnapshotSerializer(plugin: typeof serializer): void
  getState(): { readonly testPath?: string }
  extend(matchers: Record<string, (this: MatcherState, ...given: never[]) => unknown>): void
}

interface MatcherState extends ExpectState {
  readonly isNot: boolean
  readonly promise?: string
  readonly testPath?: string
}

// A file for `setupFilesAfterEnv`: it runs before the code under test is compiled, with `expect` in place. Without our
// test runner it cannot ask Jest whether V8 collects coverage, and must not disturb that.
const runner = handed()
prepare({ coverage: runner?.coverage ?? true })

const root = runner?.root ?? process.cwd()
const { cwd = root, resolve } = runner ?? {}
const fileBase = runner ? inThisRealm(runner.fileBase) : fileBasesIn(root)

const snapshots = runner?.snapshots ?? snapshotsWithoutRunner(root, expect.getState().testPath ?? '')
expect.addSnapshotSerializer(serializer)

for (const [name, matcher] of Object.entries(matchers)) {
  expect.extend({
    [name](received: unknown, ...given: unknown[]) {
      const { isNot, promise, testPath = '', currentTestName = '' } = this
      const keepAt = () => fileBase(testPath, currentTestName)
      const snapshot = snapshotsOf(snapshots, this)
      const context = { isNot, promise, root, cwd, keepAt, snapshot, ...(resolve && { resolve }) }
      const result = matcher(context, received, ...given)
      return 'then' in result ? awaitedOrNot(result) : result
    },
  })
}
waitAfterEach()

function fileBasesIn(root: string): Handed['fileBase'] {
  const keeper = new ProfileKeeper(root)
  return (file, name) => keeper.fileBase(file, name)
}

/** Errors of Jest's realm are no `Error` to the tests. */
function inThisRealm<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return fn(...args)
    } catch (error) {
      const { code, message } = error as HeapproofError
      throw new HeapproofError(code, message)
    }
  }
}

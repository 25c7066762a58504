import type {} from 'expect'
import { MATCHERS } from '../core/expect/matcher-names.js'
import type { AllocateOptions, NothingOptions, PeakOptions, RetainOptions } from '../core/expect/options.js'
import type { CallOptions } from '../core/measure/options.js'
import { uncounted } from '../core/measure/uncounted.js'
import type { HeapSnapshotOptions, SnapshotsOptions } from '../core/snapshot/options.js'
import { serializer } from '../core/snapshot/runner-state.js'
import type { Size } from '../core/text/bytes.js'
import { jestGlobals } from './globals.js'
import type { JestMatchers, MatcherState } from './matchers.js'
import { handed } from './realm.js'
import { waitAfterEach } from './unawaited.js'

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

// A file for `setupFilesAfterEnv`. Jest evaluates it again for each test file, so what matchers do is left for the first
// one that is called; but without our test runner it is up to us to be there before the code under test is compiled, and
// we cannot ask Jest whether V8 collects coverage, and must not disturb that.
const FILE = `${__dirname}/jest/build/matchers.cjs`
const { expect } = jestGlobals()
const runner = handed()
const load = (): typeof import('./matchers.js') => (runner?.load ?? require)(FILE)
if (runner === undefined) load().prepare({ coverage: true })

let matchers: JestMatchers | undefined
for (const name of MATCHERS) {
  expect.extend({
    [name](this: MatcherState, received: unknown, ...given: unknown[]) {
      return uncounted(() => {
        matchers ??= load().matchersOf(expect, runner)
        return matchers[name](this, received, given)
      })
    },
  })
}
expect.addSnapshotSerializer(serializer) // our runner may compare whole tests without any matcher
waitAfterEach()

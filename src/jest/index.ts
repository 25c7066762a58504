import { allocateLessThan } from '../core/expect/allocate-less-than.js'
import { ProfileKeeper } from '../core/expect/profiles.js'
import type { CallOptions } from '../core/measure/options.js'
import { prepare } from '../core/measure/prepare.js'
import type { Size } from '../core/text/bytes.js'

export type { CallOptions, Size }

declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: all declarations of one interface must agree
    interface Matchers<R, T = {}> {
      /**
       * Fails when one call of the received function allocates `limit` or more: on the JavaScript heap and behind
       * ArrayBuffers together, whether or not it is freed again. Await the assertion when the function is asynchronous.
       *
       * @param limit bytes as a number, or a string with a unit: `'5MB'` is 5,000,000 bytes, `'5MiB'` 5,242,880.
       */
      toAllocateLessThan(limit: Size, options?: CallOptions): R
    }
  }
}

/** The global `expect`, as far as it is used here. */
declare const expect: {
  extend(matchers: Record<string, (this: MatcherState, ...given: never[]) => unknown>): void
}

interface MatcherState {
  readonly isNot: boolean
  readonly testPath?: string
  readonly currentTestName?: string
}

// A file for `setupFilesAfterEnv`: it runs before the code under test is compiled, with `expect` in place. It cannot
// ask Jest whether V8 collects coverage, and must not disturb that.
prepare({ coverage: true })

const root = process.cwd()
const keeper = new ProfileKeeper(root)

expect.extend({
  toAllocateLessThan(received: unknown, limit: Size, options?: CallOptions) {
    const { isNot, testPath = '', currentTestName = '' } = this
    return allocateLessThan(received, limit, options, {
      isNot,
      root,
      keepAt: () => keeper.fileBase(testPath, currentTestName),
    })
  },
})

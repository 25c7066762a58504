import { measureEmptyCost } from '../../core/bracket/empty-cost.js'
import type { Limits } from '../../core/bracket/limits.js'
import type { TestRecord } from '../../core/bracket/record.js'
import { aroundBody, type Bracket, runTry, type TryResult } from '../../core/bracket/run-try.js'
import { bracketState } from '../../core/bracket/state.js'
import type { HeapproofError } from '../../core/errors.js'
import { type Co, wrapBody } from './body.js'
import { type CircusEvent, type CircusState, fullName, type Test, testsIn } from './circus.js'

/** A try that runs, or ran before Jest came to it. */
interface Running {
  /** From now on its body can be called. */
  readonly ready: Promise<void>
  readonly result: Promise<TryResult>
  /** Says how the body ended. */
  end(threw: boolean): void
  readonly early: boolean
}

/** Where the tests of a file are. */
export interface Place {
  readonly file: string
  /** What the options say of the tests of this file. */
  readonly limits: Limits
  readonly co: Co | undefined
  /** Compares the test that ends now with its snapshot, if tests have any; without a result it is only kept. */
  readonly matchSnapshot?: ((tried: TryResult | undefined) => HeapproofError | undefined) | undefined
}

/**
 * The tests of one file, from what jest-circus tells of them:
 *
 *     run_start    test_fn_start   body   test_fn_success or _failure   (again for each retry)
 *     wrap bodies  begin a try     read   end it, add its failure
 *
 * Hooks lie outside. A concurrent test of Jest 29 is called before its `test_fn_start`, among whatever runs then.
 */
export class Tests {
  readonly #bracket: Bracket
  readonly #place: Place
  readonly #wrapped = new WeakSet<Test>()
  readonly #running = new Map<Test, Running>()
  readonly #records = new Map<Test, TestRecord>()
  /** The try that ended last. */
  #last: { readonly test: Test; readonly result: TryResult } | undefined
  #tests: readonly Test[] = []
  #isCalibrated = false

  constructor(bracket: Bracket, place: Place) {
    this.#bracket = bracket
    this.#place = place
  }

  /** What to wait for before Jest goes on; undefined when there is nothing. */
  handle({ name, test }: CircusEvent, { rootDescribeBlock }: CircusState): Promise<void> | undefined {
    if (name === 'run_start') {
      this.#tests = testsIn(rootDescribeBlock)
      for (const each of this.#tests) this.#wrap(each)
    }
    if (test === undefined) return undefined
    // After an error in a hook Jest does not call the body.
    if (name === 'test_fn_start') return test.errors.length > 0 ? undefined : this.#start(test)
    const failing = test.failing === true
    if (name === 'test_fn_success') return this.#end(test, failing)
    if (name === 'test_fn_failure') return this.#end(test, !failing)
    if (name === 'test_done' && test.errors.length > 0) return this.#keepLate(test)
    return undefined
  }

  /** Records of the tests that ran, by full name; several tests of a name in the order of the file. */
  records(): Map<string, (TestRecord | undefined)[]> {
    const records = new Map<string, (TestRecord | undefined)[]>()
    for (const test of this.#tests) {
      const name = fullName(test)
      records.set(name, [...(records.get(name) ?? []), this.#records.get(test)])
    }
    return records
  }

  #wrap(test: Test): void {
    const around: Parameters<typeof wrapBody>[1] = (fn, self, args) => {
      if (this.#running.has(test)) return aroundBody(test, fn, self, args)
      return this.#callEarly(test, () => aroundBody(test, fn, self, args))
    }
    const wrapper = test.fn ? wrapBody(test.fn, around, this.#place.co) : undefined
    if (wrapper === undefined) return
    test.fn = wrapper
    this.#wrapped.add(test)
  }

  async #start(test: Test): Promise<void> {
    // Jest 30 runs tests in an AsyncLocalStorage, which adds to every promise: so what an empty body costs is measured
    // where bodies are called, and again for each file, as it depends on what else follows promises.
    if (!this.#isCalibrated) {
      this.#isCalibrated = true
      bracketState().emptyCost = undefined
      await measureEmptyCost(this.#bracket.addon)
    }
    await this.#begin(test).ready
  }

  #begin(test: Test, early = false): Running {
    const known = this.#running.get(test)
    if (known !== undefined) return known
    const { file, limits } = this.#place
    const settle = { ready: () => {}, resolve: () => {}, reject: () => {} }
    const begun = new Promise<void>((resolve) => {
      settle.ready = resolve
    })
    const body = new Promise<void>((resolve, reject) => {
      settle.resolve = resolve
      settle.reject = reject
    })
    const run = () => {
      settle.ready()
      return body
    }
    const result = runTry(
      {
        key: test,
        file,
        name: fullName(test),
        bodyIsKnown: this.#wrapped.has(test),
        limits,
      },
      run,
      this.#bracket,
    )
    result.catch(settle.ready) // what went wrong is said at the end
    const end = (threw: boolean) => (threw ? settle.reject() : settle.resolve())
    const running = { ready: begun, result, end, early }
    this.#running.set(test, running)
    return running
  }

  async #callEarly(test: Test, call: () => unknown): Promise<unknown> {
    const { ready, end } = this.#begin(test, true)
    await ready
    const attempt = bracketState().running.get(test)
    if (attempt !== undefined) attempt.overlapped = true
    let threw = true
    try {
      const returned = await call()
      threw = false
      return returned
    } finally {
      end(threw)
    }
  }

  async #end(test: Test, threw: boolean): Promise<void> {
    const running = this.#running.get(test)
    if (running === undefined) return
    running.end(threw)
    // Retries of what Jest calls early only ask for its promise again.
    if (!running.early) this.#running.delete(test)
    try {
      const result = await running.result
      this.#records.set(test, result.record)
      this.#last = { test, result }
      const failure = result.failure ?? this.#place.matchSnapshot?.(threw ? undefined : result)
      if (failure === undefined) return
      // A test that is to fail has failed by this: what Jest has said of one that did not is taken back.
      if (test.failing) test.errors.splice(0)
      else test.errors.push([failure, test.asyncError])
    } catch (error) {
      test.errors.push([error, test.asyncError])
    }
  }

  /** Of a test that failed in a hook, or for assertions that are missing. */
  async #keepLate(test: Test): Promise<void> {
    if (this.#last?.test !== test) return
    const record = await this.#last.result.keepLate().catch(() => undefined)
    if (record !== undefined) this.#records.set(test, record)
  }
}

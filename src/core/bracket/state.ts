import { tests } from '../measure/tests.js'
import type { Attempt } from './attempt.js'

/** What the measuring of tests has to remember about the isolate it runs in. */
export interface BracketState {
  /** The tries that run now, by what the runner knows the test as. */
  readonly running: Map<object, Attempt>
  /** Tries whose code may run at any time: those of `running`, and those that timed out and were left alone. */
  readonly active: Set<Attempt>
  /** The try whose body is being called: of a body that waits this is so until it waits for the first time. */
  onStack: Attempt | undefined
  /** What an empty body reads: undefined until it was measured. */
  emptyCost: EmptyCost | undefined
  /** There is no addon, and the tests run all the same. */
  unmeasured: boolean
}

/** Bytes of the heap. */
export interface EmptyCost {
  /** Of the first call of `() => {}`: V8 compiles it. */
  readonly compiling: number
  /** What the first call of `async () => {}` reads beyond that: its promise. */
  readonly promise: number
}

const KEY = Symbol.for('heapproof.bracket')
const holder = globalThis as { [KEY]?: BracketState }

/** One for all copies of heapproof in this realm: `heapLimit` of the test's copy finds what the runner's copy began. */
export function bracketState(): BracketState {
  holder[KEY] ??= {
    running: new Map(),
    active: tests().running as Set<Attempt>,
    onStack: undefined,
    emptyCost: undefined,
    unmeasured: false,
  }
  return holder[KEY]
}

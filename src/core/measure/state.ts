import type { Reading } from './reading.js'

/** What measuring has to remember about the isolate it runs in. */
export interface MeasuringState {
  /** A function is being measured right now. */
  active: boolean
  /** It waits for what that has promised. */
  waiting: boolean
  /** `majorCollections` and `markings` when V8 was last known to do neither; undefined before the first time. */
  settledAt: number | undefined
  /** What waiting for an empty async function costs; undefined until it was measured. */
  awaitCost: Reading | undefined
}

const KEY = Symbol.for('heapproof.measuring')

/**
 * The state of this isolate. It hangs on `globalThis` because heapproof can be loaded more than once (as ESM and as
 * CommonJS, or again after a runner reset its modules), and all copies read the same counters.
 */
export function measuringState(): MeasuringState {
  const holder = globalThis as { [KEY]?: MeasuringState }
  holder[KEY] ??= {
    active: false,
    waiting: false,
    settledAt: undefined,
    awaitCost: undefined,
  }
  return holder[KEY]
}

import type { TestFunction } from './circus.js'

/** Calls the function of a test between two readings. */
export type Around = (fn: TestFunction, self: unknown, args: unknown[]) => unknown

/** Turns a generator into a function that returns a promise, as Jest does. */
export type Co = (fn: TestFunction) => TestFunction

/** A function for Jest to call in place of a test's own. Jest sees from its length whether it takes a `done`. */
export function wrapBody(fn: TestFunction, around: Around, co: Co | undefined): TestFunction | undefined {
  if (isGenerator(fn)) return co && wrapBody(co(fn), around, co)
  if (fn.length === 0) {
    return function (this: unknown) {
      return around(fn, this, [])
    }
  }
  return function (this: unknown, done: unknown) {
    return typeof done === 'function'
      ? callWithDone(fn, around, this, done as Done)
      : around(fn, this, done === undefined ? [] : [done])
  }
}

type Done = (...reason: unknown[]) => unknown

/** The body ends when it calls `done`, or returns when that is later; what Jest does about it comes after that. */
function callWithDone(fn: TestFunction, around: Around, self: unknown, done: Done): unknown {
  let returned: unknown
  let over: (() => void) | undefined
  let early: unknown[] | undefined
  const ourDone = (...reason: unknown[]) => {
    if (over === undefined && early === undefined) {
      early = reason
      return undefined
    }
    over?.()
    return done(...reason)
  }
  const later = {
    // biome-ignore lint/suspicious/noThenProperty: a real promise would come too late, after what `done` does
    then(listener: () => void) {
      over = listener
    },
  }
  const body = () => {
    returned = fn.call(self, ourDone)
    return early === undefined ? later : undefined
  }
  around(body, undefined, [])
  if (early !== undefined) done(...early)
  return returned
}

function isGenerator(fn: TestFunction): boolean {
  return Object.prototype.toString.call(fn) === '[object GeneratorFunction]'
}

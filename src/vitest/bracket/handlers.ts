import type { Collector, TestTask } from './internals.js'

const PATCHED = Symbol.for('heapproof.collector')
const KNOWN = Symbol.for('heapproof.bodyIsKnown')

type Handler = ((this: unknown, ...args: unknown[]) => unknown) & { [symbol: symbol]: unknown }

/** Calls the function of a test; `key` is the test. */
export type AroundBody = (key: object | undefined, fn: Handler, self: unknown, args: unknown[]) => unknown

/** Whether the body of a test is called through us, so that it can be told from what Vitest does around it. */
export function isBodyKnown(task: TestTask): boolean {
  return (task as { [KNOWN]?: true })[KNOWN] === true
}

/**
 * Has the functions of all tests that this collector gets, and those of its groups, called through us.
 *
 * Whatever way a test is written (`test`, `it.each`, `test.for`, `test.extend(...)`), it ends in
 * `collector.test.fn(name, options, function)` of the group that is open, and appends one task to `collector.tasks`; a
 * group appends its own collector there before its function runs.
 */
export function wrapHandlersOf(collector: Collector, around: AroundBody): void {
  const patched = collector as Collector & { [PATCHED]?: true }
  const { fn } = collector.test
  if (fn === undefined || patched[PATCHED]) return
  patched[PATCHED] = true
  const wrapped = function (this: unknown, name: unknown, first: unknown, second: unknown) {
    const before = collector.tasks.length
    const result = fn.call(this, name, wrapHandler(first, around), wrapHandler(second, around))
    if (typeof first === 'function' || typeof second === 'function') {
      for (const task of collector.tasks.slice(before)) {
        Object.defineProperty(task, KNOWN, { value: true }) // not enumerable: it does not travel
      }
    }
    return result
  }
  // `fn` cannot be written to.
  collector.test = Object.create(collector.test, { fn: { value: wrapped } })
  wrapThoseToCome(collector.tasks, around)
}

function wrapThoseToCome(tasks: unknown[], around: AroundBody): void {
  Object.defineProperty(tasks, 'push', {
    configurable: true,
    writable: true,
    value(this: unknown[], ...added: unknown[]) {
      for (const each of added) {
        if ((each as { type?: unknown } | undefined)?.type === 'collector')
          wrapHandlersOf(each as Collector, around)
      }
      return Array.prototype.push.apply(this, added)
    },
  })
}

function wrapHandler(value: unknown, around: AroundBody): unknown {
  if (typeof value !== 'function') return value
  const original = value as Handler
  const wrapper = function (this: unknown, ...args: unknown[]) {
    return around(taskOf(args[0]), original, this, args)
  } as Handler
  // Vitest reads from the text of a function which fixtures it wants, and from properties how `test.for` wrapped it.
  wrapper.toString = () => Function.prototype.toString.call(original)
  for (const name of ['length', 'name']) {
    Object.defineProperty(wrapper, name, { value: original[name as 'length'], configurable: true })
  }
  for (const symbol of Object.getOwnPropertySymbols(original)) wrapper[symbol] = original[symbol]
  return wrapper
}

/** Vitest calls the function of a test with its context. */
function taskOf(context: unknown): object | undefined {
  return (context as { task?: object } | null | undefined)?.task
}

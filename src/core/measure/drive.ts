/**
 * A job that may or may not have to wait: it yields what might be a promise and is resumed with the value. Written
 * once, it runs without waiting for functions that return a value, and with waiting for those that return a promise.
 * Only `wait` should be used to yield, since it alone knows the type that comes back.
 */
export type Job<T> = Generator<unknown, T, unknown>

/** Inside a job: the value itself, or what the promise becomes. A rejection is thrown at this place. */
export function* wait<T>(value: T | PromiseLike<T>): Job<T> {
  return (yield value) as T
}

/** Runs a job to its end: returns its result at once if nothing had to be waited for, else a promise of it. */
export function drive<T>(job: Job<T>): T | Promise<T> {
  let step = job.next()
  while (step.done !== true) {
    if (isThenable(step.value)) return driveLater(job, step.value)
    step = job.next(step.value)
  }
  return step.value
}

async function driveLater<T>(job: Job<T>, first: PromiseLike<unknown>): Promise<T> {
  let pending: unknown = first
  for (;;) {
    let step: IteratorResult<unknown, T>
    try {
      const value = await pending
      step = job.next(value)
    } catch (error) {
      // An error thrown by the job itself lands here too; the job is over then, and `throw` hands the error on.
      step = job.throw(error)
    }
    if (step.done === true) return step.value
    pending = step.value
  }
}

/** Structural, not `instanceof`: in a vm context the promises of user code belong to another realm. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

/** Calls a function. Returns what has to be waited for, or nothing: so that no result is kept from being collected. */
export function begin(fn: () => unknown): PromiseLike<unknown> | undefined {
  const returned = fn()
  return isThenable(returned) ? returned : undefined
}

/** Inside a job: calls a function a number of times, each to its end. */
export function* callTimes(fn: () => unknown, times: number): Job<void> {
  for (let call = 0; call < times; call++) {
    let pending = begin(fn)
    if (pending === undefined) continue
    yield pending
    pending = undefined
  }
}

import { performance } from 'node:perf_hooks'
import { setImmediate, setTimeout } from 'node:timers'

// Taken when this module is loaded: fake timers of a test must not stop what waits here.
const later = setTimeout
const soon = setImmediate
const clock = performance.now.bind(performance)

const TURNS = 2

/**
 * Lets the event loop turn twice, through timers that are due at once and through immediates: promises are settled, work
 * that was put off with `setTimeout(0)` or `setImmediate` is done, streams and handles get to close, and Node calls the
 * callbacks of FinalizationRegistry that an earlier collection asked for. What takes longer is not waited for.
 */
export async function turnEventLoop(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise<void>((resolve) => later(() => soon(resolve), 0))
  }
}

/** Milliseconds, of a clock that no test has replaced. */
export function milliseconds(): number {
  return clock()
}

/** Milliseconds that this process has kept processors busy: what else runs on the machine does not add to it. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

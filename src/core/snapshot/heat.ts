import { isThenable, type Job, wait } from '../measure/drive.js'
import { type Elapsed, now, since } from '../measure/elapsed.js'
import type { Instruments } from '../measure/instruments.js'
import { countCall, totalOf } from '../measure/reading.js'
import { settle } from '../measure/settle.js'

/** How often a function is called before it is counted, */
const FEWEST_CALLS = 2
const MOST_CALLS = 1000
/** and for how long: milliseconds of processors, and of a clock for functions that wait. */
const CPU_TO_HEAT = 100
const TIME_TO_HEAT = 500

/** How much a function allocates before it is counted, where runs are to be the same: that takes V8 about as long. */
const BYTES_TO_HEAT = 2 ** 26
/** How often it is called then, at least and at most, and at most if it waits: timers and files have no hurry. */
const FEWEST_ALIKE = 8
const MOST_ALIKE = 1024
const MOST_WAITING = 64
/** No test may wait longer for that, in milliseconds. What is heated for so long may read otherwise in the next run. */
const LONGEST = 5000

/**
 * Calls a function as often as it is to be called before it is counted: `calls` times, or, when that is not said, until V8
 * has compiled it as well as it will, as far as that can be had in a moment. What it allocates before and after can differ
 * by a third, and which tests ran earlier must not decide.
 *
 * @returns whether the function gives a promise: one that waits for timers, files or threads, for all we know
 */
export function* heatUp(
  fn: () => unknown,
  calls: number | undefined,
  alike: boolean,
  tools: Instruments,
): Job<boolean> {
  settle(tools.counting)
  if (calls !== undefined) return yield* callTimes(fn, calls, tools)
  return yield* alike ? heatAlike(fn, tools) : heat(fn, tools)
}

function* callTimes(fn: () => unknown, calls: number, tools: Instruments): Job<boolean> {
  let waits = false
  for (let call = 0; call < calls; call++) waits = (yield* callOnce(fn, tools)).waits
  return waits
}

function* heat(fn: () => unknown, tools: Instruments): Job<boolean> {
  const began = now(tools)
  let waits = false
  for (let calls = 0; calls < MOST_CALLS; calls++) {
    if (calls >= FEWEST_CALLS && isLong(since(began, tools))) break
    waits = (yield* callOnce(fn, tools)).waits
  }
  return waits
}

function isLong({ clock, cpu }: Elapsed): boolean {
  return cpu > CPU_TO_HEAT || clock > TIME_TO_HEAT
}

/**
 * The same, where the same code is to read the same in every run: V8 compiles by how often code ran, so a clock must not
 * decide that. The number of calls is a power of two, made of what one of them allocates: some bytes more or less hardly
 * ever change it.
 */
function* heatAlike(fn: () => unknown, tools: Instruments): Job<boolean> {
  const end = tools.milliseconds() + LONGEST
  let calls = FEWEST_ALIKE
  let waits = false
  for (let call = 1; call <= calls && tools.milliseconds() < end; call++) {
    const called = yield* callOnce(fn, tools)
    waits = called.waits
    if (call === FEWEST_ALIKE) calls = callsFor(called.bytes, waits ? MOST_WAITING : MOST_ALIKE)
  }
  return waits
}

/** The same code counts as in a reading, so that it is compiled when it matters. */
function* callOnce(fn: () => unknown, { counting }: Instruments): Job<{ bytes: number; waits: boolean }> {
  const counted = countCall(counting, fn)
  return { bytes: totalOf(yield* wait(counted)), waits: isThenable(counted) }
}

function callsFor(bytes: number, most: number): number {
  const calls = 2 ** Math.round(Math.log2(BYTES_TO_HEAT / Math.max(1, bytes)))
  return Math.min(most, Math.max(FEWEST_ALIKE, calls))
}

import { COUNTERS } from '../addon.js'
import type { Counting } from './reading.js'

const KEY = Symbol.for('heapproof.aside')

/** What measuring allocated in this isolate, for itself and in the functions that it called. */
interface Aside {
  /** Undefined as long as nobody counts tests: then there is nothing to keep apart. */
  counting: Pick<Counting, 'readCounters'> | undefined
  /** How many measurements are under way, one inside the other. */
  depth: number
  /** Counters when the outermost of them began, or the last one did that is over. */
  from: Float64Array
  /** Counters when that one ended; not yet in `sum` when `isPending`. */
  readonly until: Float64Array
  isPending: boolean
  /** Differences of counters, summed up over those that are over. */
  readonly sum: Float64Array
  /** For the next reading. */
  spare: Float64Array
  /** Of the recording under way, and when in it measurements began and ended, in turns; undefined without one. */
  clock: (() => number) | undefined
  times: number[]
}

const holder = globalThis as { [KEY]?: Aside }

function aside(): Aside {
  holder[KEY] ??= {
    counting: undefined,
    depth: 0,
    from: new Float64Array(COUNTERS),
    until: new Float64Array(COUNTERS),
    isPending: false,
    sum: new Float64Array(COUNTERS),
    spare: new Float64Array(COUNTERS),
    clock: undefined,
    times: [],
  }
  return holder[KEY]
}

/** Has what measuring allocates kept apart from now on, for {@link asideUntil}. */
export function keepAside(counting: Pick<Counting, 'readCounters'>): void {
  aside().counting ??= counting
}

/**
 * For a recording that begins: a list to which is added, from now on, when `clock` says that measuring begins and ends, in
 * turns. When it ends last, there is no end.
 */
export function timesAside(clock: () => number): readonly number[] {
  const state = aside()
  state.clock = clock
  state.times = state.depth > 0 ? [clock()] : []
  return state.times
}

/**
 * From now on, until {@link endAside} was called as often, nothing counts for the test that runs: a matcher calls its
 * function several times, collects garbage and reads profiles, none of which the test would do without it.
 */
export function beginAside(): void {
  const state = aside()
  if (state.depth++ > 0 || state.counting === undefined) return
  const { spare } = state
  state.counting.readCounters(spare)
  addUp(state)
  state.spare = state.from
  state.from = spare
  noteTime(state)
}

/** Ends what the last {@link beginAside} began. */
export function endAside(): void {
  const state = aside()
  if (--state.depth > 0 || state.counting === undefined) return
  noteTime(state)
  // Last: numbers that are no integers are objects, as long as code is not optimised, and would count for the test.
  state.isPending = true
  state.counting.readCounters(state.until)
}

function noteTime({ clock, times }: Aside): void {
  if (clock !== undefined) times.push(clock())
}

function addUp(state: Aside): void {
  if (!state.isPending) return
  state.isPending = false
  const { from, until, sum } = state
  for (let i = 0; i < COUNTERS; i++) {
    sum[i] = (sum[i] as number) + (until[i] as number) - (from[i] as number)
  }
}

/** Writes what did not count, up to the moment when `counters` were read. */
export function asideUntil(counters: Float64Array, into: Float64Array): void {
  const state = aside()
  addUp(state)
  const { depth, from, sum } = state
  for (let i = 0; i < COUNTERS; i++) {
    const open = depth === 0 ? 0 : (counters[i] as number) - (from[i] as number)
    into[i] = (sum[i] as number) + open
  }
}

/** Whether a measurement is under way now. */
export function isAside(): boolean {
  return aside().depth > 0
}

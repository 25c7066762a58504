import { PEAK, PEAK_NUMBERS } from '../../addon.js'
import { begin, type Job, wait } from '../drive.js'
import type { Instruments } from '../instruments.js'

/** What was seen of the memory that was reachable at once. Bytes beyond what was live before. */
export interface Watched {
  /** It never was more, */
  readonly upper: number
  /** and was as much at least. */
  readonly lower: number
  /** Bytes between two forced collections; 0 when none were forced. */
  readonly step: number
  readonly collections: number
  /** Whether there were not enough collections for the whole call. */
  readonly exhausted: boolean
  /** Seconds into the recording under way at which `lower` was seen. */
  readonly seconds: number
  /** What the call allocated, whether or not it was freed again. */
  readonly allocated: number
  /** Of processors. */
  readonly milliseconds: number
}

/** How a call is watched. */
export interface Watching {
  readonly step: number
  readonly mostCollections: number
}

/** Calls `fn` once and watches; a reason when that is not possible, then `fn` is not called. */
export function* watch(tools: Instruments, fn: () => unknown, watching: Watching): Job<Watched | string> {
  tools.counting.collectGarbage()
  const numbers = new Float64Array(PEAK_NUMBERS)
  const began = tools.cpuMilliseconds()
  const refusal = tools.startPeak(watching.step, watching.mostCollections)
  if (refusal !== undefined) return refusal.replace(/^[a-z-]+: /, '')
  try {
    let pending = begin(fn)
    if (pending !== undefined) yield* wait(pending)
    pending = undefined
  } finally {
    tools.stopPeak(numbers)
  }
  const of = (name: keyof typeof PEAK) => numbers[PEAK[name]] as number
  return {
    upper: of('upper'),
    lower: of('lower'),
    step: watching.step,
    collections: of('collections'),
    exhausted: of('exhausted') !== 0,
    seconds: of('seconds'),
    allocated: of('allocated'),
    milliseconds: tools.cpuMilliseconds() - began,
  }
}

import { addon } from '../addon.js'
import { DEFAULT_STACK_DEPTH } from '../session/options.js'
import { lastStackDepth } from '../session/state.js'
import { tracer } from './tracer.js'

/** Bytes that are live, estimated from the samples. */
export interface TracedMemory {
  readonly current: number
  /** At most, since the start or the last `resetPeak()`. */
  readonly peak: number
}

/** Whether a recording or a live view is under way in this thread. */
export function isTracing(): boolean {
  return tracer() !== undefined
}

/** Made, with its memory, before anything is traced: the addon's way to an array's memory takes some of its own. */
const numbers = new Float64Array(new ArrayBuffer(16))

/**
 * How many bytes are live now, and were at most, as far as they were allocated since the start or the last
 * `clearTraces()`. Both are 0 when nothing is traced. Costs a few microseconds.
 */
export function getTracedMemory(): TracedMemory {
  numbers.fill(0)
  tracer()?.tracedMemory(numbers)
  const [current, peak] = numbers as unknown as readonly [number, number]
  return { current, peak }
}

/** The peak begins anew, from what is live now. Does nothing when nothing is traced. */
export function resetPeak(): void {
  tracer()?.resetPeak()
}

/**
 * Forgets all that is live: `getTracedMemory()` begins at 0, and snapshots hold what is allocated from now on. The files
 * of a recording are not affected. Does nothing when nothing is traced.
 */
export function clearTraces(): void {
  tracer()?.clearTraces()
}

/** Frames kept of each stack, as the last `start()` was told; 128 before the first. */
export function getTracebackLimit(): number {
  return lastStackDepth() ?? DEFAULT_STACK_DEPTH
}

/**
 * About how many bytes the sampler itself uses for this thread. They are part of no snapshot, and of no other number of
 * heapproof. Costs milliseconds.
 *
 * @throws HeapproofError `addon-unavailable`.
 */
export function getSamplerMemory(): number {
  return addon().ownMemory()
}

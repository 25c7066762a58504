import { COUNTER, COUNTERS } from '../../addon.js'
import type { Domain } from '../../types.js'
import { type Job, wait } from '../drive.js'
import type { Instruments } from '../instruments.js'

const counters = new Float64Array(COUNTERS)

/** What is live, in bytes. Only differences mean something: buffers that were there before we counted are in none. */
export type LiveBytes = Record<Domain, number>

/**
 * Reads what is still reachable: lets the event loop turn (see `turnEventLoop`), collects the whole heap, and reads the
 * counters into `into`, so that a reading allocates nothing that the next one would find. 10 to 40 ms on the heap of a
 * test runner's worker.
 *
 * What the callbacks of a FinalizationRegistry let go in the turns after a collection is found dead by the next one: the
 * same delay for all readings, so that it does not show in a series of them.
 */
export function* readLive(tools: Instruments, domains: readonly Domain[], into: LiveBytes): Job<void> {
  yield* wait(tools.turnEventLoop())
  tools.counting.collectGarbage()
  tools.counting.readCounters(counters)
  into.heap = counters[COUNTER.heapUsed] as number
  into.arrayBuffer =
    (counters[COUNTER.arrayBufferBytes] as number) - (counters[COUNTER.arrayBufferFreedBytes] as number)
  into.native = domains.includes('native') ? tools.liveNative.bytes() : 0
}

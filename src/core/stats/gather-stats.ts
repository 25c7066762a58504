import { type Addon, addon, COUNTER, COUNTERS, DOMAIN_BITS, STATS_NUMBERS } from '../addon.js'
import { endWithProcess } from '../session/end-with-process.js'
import { makeRoom } from '../session/make-room.js'
import { domainList, MAX_SAMPLING_INTERVAL } from '../session/options.js'
import { refused, refuseSecond } from '../session/refusal.js'
import { setCurrentSession } from '../session/state.js'
import { checkOptions, integer } from '../text/options.js'
import { isMainThread, threadId } from '../thread.js'
import { DOMAINS, type Domain } from '../types.js'
import { calibrateHeap } from './calibrate.js'
import { sizeCounts } from './size-classes.js'
import { summary } from './summary.js'

/** How {@link gatherStats} counts. */
export interface StatsOptions {
  /** Mean bytes between two objects that V8 draws on its heap, 1 to 1,073,741,824. Default 512; 1 is every object. */
  readonly samplingInterval?: number
  /** What is counted. Default everything that can be counted here. */
  readonly domains?: readonly Domain[]
}

const DEFAULT_INTERVAL = 512

const rules = { samplingInterval: integer(1, MAX_SAMPLING_INTERVAL), domains: domainList }

/**
 * Counts the sizes of what this thread allocates, until `stop()` or the end of the process, and then prints a table of
 * them to stderr, with a suggestion how to record the program. Writes no file.
 *
 * @throws HeapproofError `invalid-argument`, `already-profiling`, `sampler-busy`, `unsupported` or `addon-unavailable`.
 */
export function gatherStats(options?: StatsOptions): void {
  const given = checkOptions('gatherStats', options, rules)
  const interval = given.samplingInterval ?? DEFAULT_INTERVAL
  const native = addon()
  makeRoom()
  refuseSecond(native, 'gatherStats()')

  // Made before anything is counted, or they would be counted.
  const [before, after, numbers] = [COUNTERS, COUNTERS, STATS_NUMBERS].map(
    (length) => new Float64Array(length),
  ) as [Float64Array, Float64Array, Float64Array]
  let domains: readonly Domain[] = given.domains ?? DOMAINS
  let refusal = launch(native, domains, interval)
  let nativeProblem: string | undefined
  if (given.domains === undefined && refusal?.startsWith('unsupported')) {
    // Native memory can be counted on some platforms only; who did not ask for it gets the rest.
    nativeProblem = refusal.replace(/^unsupported(?:: )?/, '') || 'not on this platform'
    domains = ['heap', 'arrayBuffer']
    refusal = launch(native, domains, interval)
  }
  if (refusal !== undefined) throw refused(refusal, 'gatherStats()')

  native.readCounters(before)
  const forget = endWithProcess()
  setCurrentSession({
    kind: 'stats',
    fileBase: undefined,
    end() {
      native.readCounters(after)
      native.stopStats(numbers)
      forget()
      const exact = (after[COUNTER.heapBytes] as number) - (before[COUNTER.heapBytes] as number)
      const counted = sizeCounts(numbers)
      const heap = domains.includes('heap') ? calibrateHeap(counted.heap, interval, exact) : undefined
      const counts = { ...counted, heap: heap?.classes ?? [] }
      const worker = isMainThread() ? undefined : threadId()
      process.stderr.write(summary({ counts, heap, interval, domains, nativeProblem, worker }))
    },
  })
}

function launch(native: Addon, domains: readonly Domain[], interval: number): string | undefined {
  return native.startStats(
    domains.reduce((sum, domain) => sum | DOMAIN_BITS[domain], 0),
    interval,
  )
}

import { COUNTER, COUNTERS } from '../../addon.js'
import type { Domain } from '../../types.js'
import { callTimes, type Job } from '../drive.js'
import { type Elapsed, now, since } from '../elapsed.js'
import type { Instruments } from '../instruments.js'
import { FEWEST_ROUNDS, growthVerdict } from './growth.js'
import { type LiveBytes, readLive } from './live-bytes.js'

/** A number of rounds of the same number of calls, and by how much each made grow what is live. */
export interface Series {
  /** Calls in each round. */
  readonly calls: number
  /** Growth of each round in bytes a call, in all domains that count. */
  readonly perCall: readonly number[]
  /** The same by domain. */
  readonly perCallOf: Readonly<Record<Domain, readonly number[]>>
  /** What a call allocates on the heap and in ArrayBuffers, whether or not it is kept: about. */
  readonly allocated: number
  /** How long it took, and how much of that the calls: the rest are collections. */
  readonly took: Elapsed
  readonly inCalls: Elapsed
}

export interface SeriesSettings {
  readonly calls: number
  readonly rounds: number
  readonly limit: number
  readonly domains: readonly Domain[]
}

/** Makes the rounds. Ends as soon as it is clear that the limit is kept; see `growthVerdict`. */
export function* series(tools: Instruments, fn: () => unknown, settings: SeriesSettings): Job<Series> {
  const { calls, rounds, limit, domains } = settings
  const began = now(tools)
  let inCalls: Elapsed = { clock: 0, cpu: 0 }
  // Everything that is needed is there before the first reading, so that the readings do not find it.
  const before: LiveBytes = { heap: 0, arrayBuffer: 0, native: 0 }
  const after: LiveBytes = { heap: 0, arrayBuffer: 0, native: 0 }
  const grown = { heap: doubles(rounds), arrayBuffer: doubles(rounds), native: doubles(rounds) }
  const counters = new Float64Array(COUNTERS)
  let allocated = 0
  let done = 0
  yield* readLive(tools, domains, before)
  while (done < rounds && !isKept()) {
    const called = now(tools)
    allocated -= handedOut()
    yield* callTimes(fn, calls)
    allocated += handedOut()
    inCalls = sum(inCalls, since(called, tools))
    yield* readLive(tools, domains, after)
    for (const domain of domains) {
      grown[domain][done] = (after[domain] - before[domain]) / calls
      before[domain] = after[domain]
    }
    done++
  }
  return {
    calls,
    perCall: totals(),
    perCallOf: {
      heap: [...grown.heap.subarray(0, done)],
      arrayBuffer: [...grown.arrayBuffer.subarray(0, done)],
      native: [...grown.native.subarray(0, done)],
    },
    allocated: Math.max(0, allocated / (done * calls)),
    took: since(began, tools),
    inCalls,
  }

  function totals(): number[] {
    return Array.from({ length: done }, (_, round) =>
      domains.reduce((sum, domain) => sum + (grown[domain][round] as number), 0),
    )
  }

  function isKept(): boolean {
    return done >= FEWEST_ROUNDS && growthVerdict(totals(), limit) === 'kept'
  }

  function handedOut(): number {
    tools.counting.readCounters(counters)
    return (counters[COUNTER.heapBytes] as number) + (counters[COUNTER.arrayBufferBytes] as number)
  }
}

function sum(a: Elapsed, b: Elapsed): Elapsed {
  return { clock: a.clock + b.clock, cpu: a.cpu + b.cpu }
}

function doubles(length: number): Float64Array {
  return new Float64Array(length)
}

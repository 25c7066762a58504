import type { Domain, Site } from '../types.js'
import { chooseReading, isExact } from './choose.js'
import { type Reading, totalOf, USUAL_DOMAINS } from './reading.js'
import type { Sampled } from './sample.js'

/** What a function allocates, as `measure` found it. All sizes in bytes. */
export interface Measurement {
  /** What one call allocates in the domains that count, whether or not it is freed again: `heap` and `arrayBuffers`. */
  readonly allocated: number
  /** Bytes of objects on the JavaScript heap. */
  readonly heap: number
  /** Bytes behind ArrayBuffers, typed arrays and Buffers. */
  readonly arrayBuffers: number
  /** Bytes that C++ code asked malloc for; undefined unless they were counted. */
  readonly native: number | undefined
  /** Estimated number of objects and ArrayBuffers, from the sampled run; undefined without one. */
  readonly allocations: number | undefined
  /** Garbage collections, of any kind, during the call that is reported. */
  readonly collections: number
  /**
   * False when a full collection ran or began inside the call that is reported: its sizes may then be off by some
   * hundred kilobytes.
   */
  readonly exact: boolean
  /** The lines that allocate, heaviest first, estimated from the sampled run; empty without one. */
  readonly sites: readonly Site[]
  /** Mean bytes between two samples of the sampled run; undefined without one. */
  readonly samplingInterval: number | undefined
  /** Relative standard error of all sites together: 0.01 means give or take 1 %. Undefined without a sampled run. */
  readonly samplingError: number | undefined
  /** File base of the profile of the sampled run, when it was kept. */
  readonly profile: string | undefined
  /** Worker threads of one call that are counted with it; undefined when that was not asked for. */
  readonly workers?: number
  /** Every counted call, in the order they were made. */
  readonly readings: readonly Reading[]
}

/** Puts together what was counted and what was sampled. */
export function measurementOf(
  readings: readonly Reading[],
  sampled: Sampled | undefined,
  domains: readonly Domain[] = USUAL_DOMAINS,
): Measurement {
  const read = chooseReading(readings, domains)
  // A heap that reads less than nothing is no reason to count fewer ArrayBuffers.
  const chosen = { ...read, heap: Math.max(0, read.heap) }
  const sites = sampled === undefined ? [] : shareOut(chosen, sampled.sites)
  return {
    allocated: totalOf(chosen, domains),
    heap: chosen.heap,
    arrayBuffers: chosen.arrayBuffers,
    native: domains.includes('native') ? chosen.native : undefined,
    allocations: sampled === undefined ? undefined : allocationsAt(sites),
    collections: chosen.collections,
    exact: isExact(read, domains),
    sites,
    samplingInterval: sampled?.samplingInterval,
    samplingError: sampled?.error,
    profile: sampled?.profile,
    readings,
  }
}

function allocationsAt(sites: readonly Site[]): number {
  return Math.round(sites.reduce((count, site) => count + site.allocations, 0))
}

/** Below this factor the two calls did not do the same work, and the sampled one speaks for itself. */
const SMALLEST_FACTOR = 0.5

/**
 * The sites of the sampled call in the measure of the counted one. The sampled call runs code that V8 has optimised less,
 * so it allocates more; what it tells is which share each line has of a domain, and the domain's total was counted.
 * Numbers of objects were not counted, so they stay as they were sampled.
 */
function shareOut({ heap, arrayBuffers }: Reading, sites: readonly Site[]): Site[] {
  const factors = {
    heap: factor(heap, 'heap', sites),
    arrayBuffer: factor(arrayBuffers, 'arrayBuffer', sites),
    native: 1,
  }
  return sites
    .map((site) => {
      const by = factors[site.domain]
      return { ...site, self: site.self * by, total: site.total * by, live: site.live * by }
    })
    .sort((a, b) => b.self - a.self)
}

function factor(counted: number, domain: Domain, sites: readonly Site[]): number {
  const sampled = sites.reduce((bytes, site) => bytes + (site.domain === domain ? site.self : 0), 0)
  const by = counted / sampled
  return by >= SMALLEST_FACTOR && by < 1 ? by : 1
}

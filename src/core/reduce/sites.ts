import type { Reader } from '../reader.js'
import type { Snapshot } from '../tracemalloc/snapshot.js'
import type { Domain, Frame, Site, Trace } from '../types.js'
import { calibrate, type Measured } from './calibrate.js'
import { isOwn, Places, placesOn, siteOf } from './places.js'
import { sumTraces, TraceSum } from './trace-sum.js'

export interface SitesOptions {
  /**
   * Frames that cannot be a site, besides those of Node, of test runners and of heapproof: what they allocate is
   * charged to their caller. Asked once per frame.
   */
  readonly exclude?: (frame: Frame) => boolean
}

export interface SiteSummary {
  /** Sorted by `self`, the greatest first; then by file, line and function. */
  readonly sites: readonly Site[]
  /** Bytes of all sites: what was allocated during the recording, estimated, in the measure of the exact counters. */
  readonly self: number
  /** Number of samples the estimate rests on. */
  readonly samples: number
  /** Relative standard error of `self`. */
  readonly error: number
}

/** The part of a reader that is asked which lines allocated. */
export interface Recorded extends Pick<Reader, 'traceCount' | 'cursor' | 'domainOf'>, Measured {
  trace(index: number): Trace
}

/** A recording whose events were summed up before. */
export interface SummedUp extends Pick<Reader, 'domainOf'>, Measured {
  readonly sums: readonly TraceSum[]
  trace(index: number): Trace
}

/**
 * Says which lines allocated. Each trace is charged to one line, its allocation site: the frame closest to the leaf
 * that is of the user or of a dependency. If there is no such frame it is the leaf itself, and without any frame the
 * site `(unknown)`. What heapproof allocates for itself is left out. Traces that are charged to the same line of the
 * same function in the same domain are one site.
 *
 * Of a snapshot it says which lines allocated what is live: there `self` and `live` are the same.
 *
 * Cost: one walk through the events, and one through each trace that has samples. Throws HeapproofError
 * `damaged-profile`.
 */
export function sites(profile: Recorded | SummedUp | Snapshot, options: SitesOptions = {}): SiteSummary {
  return sitesOf('traces' in profile ? liveSums(profile) : recordedSums(profile), options)
}

/** A trace and what its samples add up to. */
interface Summed {
  readonly trace: Trace
  readonly sum: TraceSum
}

function recordedSums(reader: Recorded | SummedUp): Summed[] {
  const sums = 'sums' in reader ? reader.sums : sumTraces(reader)
  calibrate(sums, reader)
  return sums.map((sum) => ({ trace: reader.trace(sum.trace), sum }))
}

function liveSums(snapshot: Snapshot): Summed[] {
  return snapshot.traces.map((entry) => ({ trace: entry.trace, sum: TraceSum.ofLive(entry) }))
}

function sitesOf(taken: readonly Summed[], options: SitesOptions): SiteSummary {
  const places = new Places(options.exclude)
  const builders = new Map<string, SiteBuilder>()
  const all = new TraceSum(0)
  // Bytes of the traces that a place is on, by domain and place. Filled for all places, asked for sites only.
  const totals = new Map<string, number>()
  for (const { trace, sum } of taken) {
    if (isOwn(trace)) continue
    all.merge(sum)
    const site = siteOf(trace, places)
    const key = `${trace.domain} ${places.of(site).id}`
    let builder = builders.get(key)
    if (builder === undefined) {
      builder = new SiteBuilder(trace.domain, site)
      builders.set(key, builder)
    }
    builder.add(sum, site.column)
    for (const id of placesOn(trace, site, places)) {
      const place = `${trace.domain} ${id}`
      totals.set(place, (totals.get(place) ?? 0) + sum.bytes)
    }
  }
  const list = Array.from(builders, ([key, builder]) => builder.build(totals.get(key) as number))
  return { sites: list.sort(bySelf), self: all.bytes, samples: all.samples, error: all.error }
}

class SiteBuilder {
  readonly #domain: Domain
  readonly #frame: Frame
  readonly #sum = new TraceSum(0)
  readonly #columns = new Map<number, number>()

  constructor(domain: Domain, frame: Frame) {
    this.#domain = domain
    this.#frame = frame
  }

  add(sum: TraceSum, column: number): void {
    this.#sum.merge(sum)
    this.#columns.set(column, (this.#columns.get(column) ?? 0) + sum.bytes)
  }

  build(total: number): Site {
    const { bytes, live, allocations, samples, error } = this.#sum
    const { function: name, file, line } = this.#frame
    const domain = this.#domain
    return {
      function: name,
      file,
      line,
      column: this.#column(),
      domain,
      self: bytes,
      total,
      live,
      allocations,
      samples,
      error,
    }
  }

  /** The column that most bytes came from; of equals the first on the line. */
  #column(): number {
    const columns = Array.from(this.#columns).sort(([left, a], [right, b]) => b - a || left - right)
    return columns[0]?.[0] ?? 0
  }
}

function bySelf(left: Site, right: Site): number {
  return (
    right.self - left.self ||
    byText(left.file, right.file) ||
    left.line - right.line ||
    byText(left.function, right.function) ||
    byText(left.domain, right.domain)
  )
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

import { ALLOCATION, BYTE } from '../format/amount.js'
import type { Header } from '../format/header.js'
import { COLUMNS, FIRST_TRACE, FREED_AT, MOVED_AT } from '../format/hpc.js'
import type { DigestReader } from '../format/hpc-reader.js'
import { Snapshot, type SnapshotTrace } from '../tracemalloc/snapshot.js'
import { DOMAINS } from '../types.js'
import { factorsOf } from './facts.js'
import { type KnownTraces, OTHER_TRACES } from './known-traces.js'

/** Makes snapshots out of the sums of a digest. */
export class SnapshotMaker {
  readonly digest: DigestReader
  /** By the number of the domain. */
  readonly factors: readonly number[]
  readonly #traces: KnownTraces
  readonly #header: Header | undefined

  constructor(digest: DigestReader, traces: KnownTraces, header: Header | undefined) {
    this.digest = digest
    this.factors = factorsOf(digest.index.summary)
    this.#traces = traces
    this.#header = header
  }

  snapshot(number: number): Snapshot {
    const time = (this.digest.index.frames[number]?.time ?? 0) / 1e6
    const { sampling = { interval: 0 }, stackDepth = 0 } = this.#header ?? {}
    return new Snapshot({ traces: this.#live(number), time, sampling, tracebackLimit: stackDepth })
  }

  #live(number: number): SnapshotTrace[] {
    const live: SnapshotTrace[] = []
    const sums = this.digest.sums(number)
    for (let at = 0; at < sums.length; at += COLUMNS) {
      const samples = liveOf(sums, at, 2)
      const slot = at / COLUMNS
      if (samples <= 0 || (slot >= FIRST_TRACE && this.#traces.isOwn(slot - FIRST_TRACE))) continue
      const trace = OTHER_TRACES[slot] ?? this.#traces.at(slot - FIRST_TRACE)
      const factor = this.factors[DOMAINS.indexOf(trace.domain)] as number
      const [bytes, allocations] = [liveOf(sums, at, 0) / BYTE, liveOf(sums, at, 1) / ALLOCATION]
      live.push({ trace, bytes: bytes * factor, allocations: allocations * factor, samples })
    }
    return live
  }
}

/** Bytes, allocations or samples that are live of a slot, in units. What traces have moved out of the others is not of theirs. */
export function liveOf(sums: Float64Array, at: number, column: number): number {
  const balance = (sums[at + column] as number) - (sums[at + FREED_AT + column] as number)
  const moved = sums[at + MOVED_AT + column] as number
  return Math.max(0, at < FIRST_TRACE * COLUMNS ? balance - moved : balance + moved)
}

/** Snapshots in the order of time. Each is read when it is asked for; going forward is fastest. */
export class Snapshots implements Iterable<Snapshot> {
  readonly length: number
  /** False when the digest was ended before the recording's end: then the last snapshots are missing. */
  readonly complete: boolean

  readonly #maker: SnapshotMaker
  readonly #start: number

  /** Made by `reader.snapshots()`. */
  constructor(maker: SnapshotMaker, start = 0, end: number = maker.digest.index.frames.length) {
    const { frames, complete } = maker.digest.index
    this.length = Math.max(0, end - start)
    this.complete = complete || end < frames.length
    this.#maker = maker
    this.#start = start
  }

  /** Seconds since the start, of each. Reads no snapshot. */
  get times(): readonly number[] {
    const { frames } = this.#maker.digest.index
    return frames.slice(this.#start, this.#start + this.length).map(({ time }) => time / 1e6)
  }

  /** The snapshot at a place, from the end when it is negative; undefined when there is none. */
  at(index: number): Snapshot | undefined {
    const whole = Math.trunc(index) || 0
    const place = whole < 0 ? whole + this.length : whole
    return place >= 0 && place < this.length ? this.#maker.snapshot(this.#start + place) : undefined
  }

  /** Some of them, as `Array.prototype.slice` takes them. Reads no snapshot. */
  slice(start = 0, end: number = this.length): Snapshots {
    const placeOf = (index: number): number => {
      const whole = Math.trunc(index) || 0
      return Math.max(0, Math.min(this.length, whole < 0 ? whole + this.length : whole))
    }
    const [from, to] = [placeOf(start), placeOf(end)]
    return new Snapshots(this.#maker, this.#start + from, this.#start + Math.max(from, to))
  }

  *[Symbol.iterator](): Generator<Snapshot, void, undefined> {
    for (let place = 0; place < this.length; place++) yield this.#maker.snapshot(this.#start + place)
  }
}

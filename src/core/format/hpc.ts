import { DOMAINS } from '../types.js'
import { readCounters, writeCounters } from './counters.js'
import { readSampling, type Sampling, writeSampling } from './sampling.js'
import type { Summary } from './summary.js'
import type { ByteReader, ByteWriter } from './varint.js'

// The .hpc file: what was live when, made from the other two. On the outside it is as they are; its blocks are
//
//   | ORIGIN | KEY | CHANGES | CHANGES | ... | KEY | CHANGES | ... | INDEX | FOOTER |
//              t=0   t=1       t=2                                   ▲       │
//                                                                    └───────┘ at the end, 17 bytes: where the index is
//
// A KEY has all sums since the start, CHANGES what came to those of the snapshot before. A KEY or CHANGES of more than
// 16 MiB goes on in blocks of the kind MORE. A payload begins with its kind.
//
// The index is written last, and the footer after it: a file without them was not finished, and is none.

/** The kinds of blocks. */
export const BLOCK = { origin: 1, key: 2, changes: 3, more: 4, index: 5, footer: 6 } as const

/** Most snapshots of a digest, without the first and the last. */
export const MOST_SNAPSHOTS = 100_000

/** What an entry can be followed by, as bits. */
export const ALLOCATED = 1
export const FREED = 2
export const MOVED = 4
/** Above these bits stands how many slots the entry is from the one before. */
export const SLOT_STEP = 8

/** A trace has the slot `trace + FIRST_TRACE`; before them is one slot for the others of each domain. */
export const FIRST_TRACE: number = DOMAINS.length

/** Columns of a slot: bytes, allocations and samples of what was allocated, freed, and moved out of the others. */
export const COLUMNS = 9
export const FREED_AT = 3
export const MOVED_AT = 6

/** What a digest was made from, and how. */
export interface DigestOrigin {
  readonly metadataSize: number
  readonly eventsSize: number
  /** Microseconds between snapshots. */
  readonly interval: number
  readonly precision: number
}

/** What comes after the snapshots. */
export interface DigestIndex {
  /** Whether it goes to the end of what was recorded when it was made. */
  readonly complete: boolean
  readonly summary: Summary
  readonly frames: readonly FrameEntry[]
}

/** Where a snapshot is. */
export interface FrameEntry {
  /** Microseconds since the start. */
  readonly time: number
  /** From the beginning of the file, in bytes. */
  readonly offset: number
  readonly length: number
  readonly isKey: boolean
}

export function writeOrigin(output: ByteWriter, origin: DigestOrigin): void {
  output.varint(BLOCK.origin).varint(origin.metadataSize).varint(origin.eventsSize)
  output.varint(origin.interval).float64(origin.precision)
}

/** Reads what `writeOrigin` wrote behind the kind. */
export function readOrigin(input: ByteReader): DigestOrigin {
  const origin = {
    metadataSize: input.varint(),
    eventsSize: input.varint(),
    interval: input.varint(),
    precision: input.float64(),
  }
  const { interval, precision } = origin
  if (interval < 1) input.fail('an interval of 0')
  if (!(precision >= 0 && precision < 1)) input.fail(`a precision of ${precision}`)
  return origin
}

const COMPLETE = 1
const HAS_COUNTERS = 2
const HAS_END = 4
const HAS_SAMPLING = 8

export function writeIndex(output: ByteWriter, { complete, summary, frames }: DigestIndex): void {
  const { time, ignored, counters, end, domains } = summary
  const flags = domains.reduce(
    (bits, { sampling }, position) => bits + (sampling === undefined ? 0 : HAS_SAMPLING << position),
    (complete ? COMPLETE : 0) +
      (counters === undefined ? 0 : HAS_COUNTERS) +
      (end === undefined ? 0 : HAS_END),
  )
  output.varint(BLOCK.index).varint(flags).varint(time).varint(ignored)
  if (counters !== undefined) writeCounters(output, counters)
  if (end !== undefined) output.string(end)
  for (const { samples, bytes, sampling } of domains) {
    output.varint(samples).float64(bytes)
    if (sampling !== undefined) writeSampling(output, sampling)
  }
  output.varint(frames.length)
  let last = 0
  for (const { time, length, isKey } of frames) {
    output.varint(time - last).varint(length * 2 + (isKey ? 1 : 0))
    last = time
  }
}

/** Reads what `writeIndex` wrote behind the kind. The frames begin at `offset` and have to end at `end`. */
export function readIndex(input: ByteReader, offset: number, end: number): DigestIndex {
  const flags = input.varint()
  const has = (bit: number): boolean => (flags & bit) !== 0
  const time = input.varint()
  const ignored = input.varint()
  const counters = has(HAS_COUNTERS) ? readCounters(input) : undefined
  const reason = has(HAS_END) ? input.string() : undefined
  const domains = DOMAINS.map((_, position) => {
    const samples = input.varint()
    const bytes = input.float64()
    if (!Number.isFinite(bytes)) input.fail(`an estimate of ${bytes} bytes`)
    const sampling: Sampling | undefined = has(HAS_SAMPLING << position) ? readSampling(input) : undefined
    return { samples, bytes, sampling }
  })
  const frames: FrameEntry[] = []
  const count = input.varint()
  let [last, at] = [0, offset]
  for (let number = 0; number < count; number++) {
    last += input.varint()
    const value = input.varint()
    const isKey = value % 2 === 1
    const length = (value - (isKey ? 1 : 0)) / 2
    if (number === 0 && !isKey) input.fail('the first snapshot is not whole')
    frames.push({ time: last, offset: at, length, isKey })
    at += length
  }
  if (at !== end) input.fail(`snapshots of ${at - offset} bytes where ${end - offset} are`)
  if (last > time) input.fail('a snapshot of a time after the last event')
  return {
    complete: has(COMPLETE),
    summary: { time, ignored, counters, end: reason, domains },
    frames,
  }
}

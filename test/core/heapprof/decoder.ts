import { readFileSync } from 'node:fs'

/** A file of heapprof as its layout says, decoded without anything of ours; like heapprof it takes no number over 2^31. */
export interface Decoded {
  readonly start: readonly [seconds: bigint, nanoseconds: bigint]
  readonly ranges: readonly (readonly [bound: number, probability: number])[]
  /** Leaf first, as in the file: trace 1 is the first. */
  readonly traces: readonly (readonly string[])[]
  readonly events: readonly DecodedEvent[]
}

export interface DecodedEvent {
  readonly free: boolean
  readonly trace: number
  readonly size: number
  /** Microseconds since the event before. */
  readonly passed: number
  /** Bytes as heapprof's `HPD` comes to them: size times the scale of the first range that is above it. */
  readonly bytes: number
}

class Bytes {
  position = 0
  constructor(readonly data: Buffer) {}

  get done(): boolean {
    return this.position === this.data.length
  }

  fixed(length: number): bigint {
    const value = BigInt(`0x${this.data.subarray(this.position, this.position + length).toString('hex')}`)
    this.position += length
    return value
  }

  leb(): number {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.data[this.position++]
      if (byte === undefined) throw new Error('the file ends in a number')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) break
    }
    if (value > 0x7fffffffn) throw new Error(`${value} does not fit an int`)
    return Number(value)
  }

  text(length: number): string {
    const bytes = this.data.subarray(this.position, this.position + length)
    this.position += length
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  }
}

/** Decodes both files, which must be whole. */
export function decode(fileBase: string): Decoded {
  const hpm = new Bytes(readFileSync(`${fileBase}.hpm`))
  if (hpm.fixed(4) !== 1n) throw new Error('another version')
  const start = [hpm.fixed(8), hpm.fixed(8)] as const
  const ranges: [number, number][] = []
  for (let left = hpm.leb(); left > 0; left--) {
    ranges.push([Number(hpm.fixed(8)), Number(hpm.fixed(4)) / 4294967295])
  }
  const traces: string[][] = []
  while (!hpm.done) {
    const frames: string[] = []
    for (let line = hpm.leb(); line !== 0; line = hpm.leb()) frames.push(`${hpm.text(hpm.leb())}:${line - 1}`)
    traces.push(frames)
  }
  return { start, ranges, traces, events: eventsOf(new Bytes(readFileSync(`${fileBase}.hpd`)), ranges) }
}

function eventsOf(hpd: Bytes, ranges: readonly (readonly [number, number])[]): DecodedEvent[] {
  const events: DecodedEvent[] = []
  while (!hpd.done) {
    const head = Number(hpd.fixed(4))
    if (head >= 0x80000000) throw new Error('time goes back')
    const passed = hpd.leb() * 1e6 + hpd.leb()
    const size = hpd.leb()
    const probability = ranges.find(([bound]) => size < bound)?.[1] ?? 1
    events.push({
      free: head >= 0x40000000,
      trace: head % 0x40000000,
      size,
      passed,
      bytes: probability === 0 ? 0 : size / probability,
    })
  }
  return events
}

/** Live bytes at the end by trace, and the greatest that were ever live. */
export function liveOf(events: readonly DecodedEvent[]): Map<number, number> {
  const live = new Map<number, number>()
  for (const { free, trace, bytes } of events) {
    live.set(trace, (live.get(trace) ?? 0) + (free ? -bytes : bytes))
  }
  return live
}

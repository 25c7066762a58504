import { EVENT } from '../format/cursor.js'
import type { Reader } from '../reader.js'
import { correctionOf } from '../reduce/calibrate.js'
import { isOwn } from '../reduce/places.js'
import { DOMAINS, type Domain } from '../types.js'
import { RangeTable, WEIGHTED, type Weighting } from './weighting.js'

/** Which samples of a recording are written, and with which bytes. */
export interface Weighing {
  /** By trace: 1 when its samples are written. */
  readonly selected: Uint8Array
  readonly weighting: Weighting
  /** The bytes that a sample stands for, in the measure of the exact counters. */
  weightOf(trace: number, size: number, scale: number): number
}

/** Walks the events once, and twice for original sizes. */
export function weigh(reader: Reader, domain: Domain | undefined, sizes: 'weighted' | 'original'): Weighing {
  const domains = new Uint8Array(reader.traceCount + 1)
  const selected = new Uint8Array(reader.traceCount + 1)
  for (let trace = 0; trace <= reader.traceCount; trace++) {
    const own = reader.domainOf(trace)
    domains[trace] = DOMAINS.indexOf(own)
    if ((domain ?? own) === own && !isOwn(reader.trace(trace))) selected[trace] = 1
  }
  const factors = factorsOf(reader, domains)
  const weightOf = (trace: number, size: number, scale: number): number =>
    size * scale * (factors[domains[trace] as number] as number)
  if (sizes === 'weighted') return { selected, weightOf, weighting: WEIGHTED }
  const table = new RangeTable()
  const cursor = reader.cursor()
  while (cursor.next()) {
    const { kind, trace, size, scale } = cursor
    if (kind === EVENT.alloc && selected[trace] === 1) table.add(size, weightOf(trace, size, scale))
  }
  return { selected, weightOf, weighting: table }
}

/** By domain. They are those of the whole recording, whatever of it is written: as everywhere else. */
function factorsOf(reader: Reader, domains: Uint8Array): Float64Array {
  const samples = new Float64Array(DOMAINS.length)
  const bytes = new Float64Array(DOMAINS.length)
  const cursor = reader.cursor()
  while (cursor.next()) {
    if (cursor.kind !== EVENT.alloc) continue
    const domain = domains[cursor.trace] as number
    samples[domain] = (samples[domain] as number) + 1
    bytes[domain] = (bytes[domain] as number) + cursor.size * cursor.scale
  }
  const factor = (domain: Domain, index: number): number =>
    correctionOf(domain, samples[index] as number, bytes[index] as number, reader) ?? 1
  return Float64Array.from(DOMAINS, factor)
}

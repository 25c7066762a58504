import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../src/core/package-root.js'

/** The recordings that fixtures/record.py made with heapprof. */
export const FIXTURES = ['shipped', 'default', 'everything', 'table', 'backward', 'cut'] as const
export type Fixture = (typeof FIXTURES)[number]

/** What heapprof's own reader says of a recording. */
export interface Judgement {
  readonly initialTime: number
  readonly samplingRate: readonly (readonly [bound: number, probability: number])[]
  /** Root first. */
  readonly traces: readonly (readonly (readonly [file: string, line: number])[])[]
  readonly eventCount: number
  /** The first 200: trace, size (less than 0 when freed), scale, seconds since the start. */
  readonly events: readonly (readonly [trace: number, size: number, scale: number, time: number])[]
  /** What heapprof threw at the end of the events. */
  readonly error: string
  readonly liveBytes: Readonly<Record<string, number>>
  readonly interval: number
  readonly snapshots: readonly { readonly time: number; readonly usage: Readonly<Record<string, number>> }[]
}

/** File base of a recording. */
export function fixture(name: Fixture): string {
  return join(packageRoot(), 'test/core/heapprof/fixtures', name)
}

export function judgement(name: Fixture): Judgement {
  return JSON.parse(readFileSync(`${fixture(name)}.json`, 'utf8'))
}

export function bytesOf(name: Fixture, extension: 'hpm' | 'hpd' | 'hpc'): Buffer {
  return readFileSync(`${fixture(name)}.${extension}`)
}

import { DOMAINS, type Domain } from '../types.js'
import type { SizeRange } from './sampling.js'
import type { ByteReader } from './varint.js'

/** A mean interval in bytes, or a table of probabilities by size. */
export type AskedSampling = { readonly interval: number } | { readonly table: readonly SizeRange[] }

/** One of the threads of a merged recording. */
export interface MergedThread {
  readonly pid: number
  readonly thread: number
  readonly command: readonly string[]
  /** Of a thread that runs no JavaScript: its number in its recording. */
  readonly native?: number
}

/** Who recorded, on what, with which options: the first record of a .hpm file. */
export interface Header {
  readonly pid: number
  /** Thread id as in `worker_threads`; 0 is the main thread. */
  readonly thread: number
  /** Version of Node, such as `v20.20.2`. */
  readonly node: string
  readonly v8: string
  readonly platform: string
  readonly arch: string
  /** Milliseconds since 1970, with a fraction. */
  readonly startTime: number
  /** Mean bytes between samples; 0 with a table, and when not known. */
  readonly samplingInterval: number
  /** What `start()` was asked for. How each domain was sampled in the end is in `reader.sampling`. */
  readonly sampling: AskedSampling
  readonly stackDepth: number
  readonly domains: readonly Domain[]
  /** How heap samples were taken: `direct`, told by V8 as it allocates, or `polled`, asked for at collections. */
  readonly source: string
  /** Why this source and not another; `''` when there is nothing to explain. */
  readonly sourceReason: string
  /** Whether V8's Maglev was switched off so that lines can be told everywhere. */
  readonly exactLines: boolean
  /** The number the choice of samples started from; undefined when none was given. */
  readonly seed: number | undefined
  readonly command: readonly string[]
  /** Options given to Node itself. */
  readonly flags: readonly string[]
  /** Of a merged recording: whose the thread numbers of its events are, by number. Undefined for any other. */
  readonly merged?: readonly MergedThread[]
}

/** Reads the JSON of the header. A field that is missing or of another type gets the empty value of its type. */
export function parseHeader(input: ByteReader, length: number): Header {
  const { buffer, byteOffset } = input.bytes
  const text = Buffer.from(buffer, byteOffset + input.position, length).toString('utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    input.fail('the header is not JSON')
  }
  if (typeof json !== 'object' || json === null) input.fail('the header is not a JSON object')
  const fields = json as Record<string, unknown>
  const string = (key: string): string => (typeof fields[key] === 'string' ? fields[key] : '')
  const number = (key: string): number => {
    const value = fields[key]
    return typeof value === 'number' && Number.isFinite(value) ? value : 0
  }
  const list = (key: string): string[] => {
    const value = fields[key]
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  }
  const merged = mergedThreads(fields.merged)
  const samplingInterval = Math.max(0, number('samplingInterval'))
  return {
    pid: number('pid'),
    thread: number('thread'),
    node: string('node'),
    v8: string('v8'),
    platform: string('platform'),
    arch: string('arch'),
    startTime: number('startTime'),
    samplingInterval,
    sampling: askedSampling(fields.sampling, samplingInterval),
    stackDepth: number('stackDepth'),
    domains: DOMAINS.filter((domain) => list('domains').includes(domain)),
    source: string('source'),
    sourceReason: string('sourceReason'),
    exactLines: fields.exactLines === true,
    seed: typeof fields.seed === 'number' ? number('seed') : undefined,
    command: list('command'),
    flags: list('flags'),
    ...(merged !== undefined && { merged }),
  }
}

function mergedThreads(value: unknown): MergedThread[] | undefined {
  if (!Array.isArray(value)) return undefined
  const number = (given: unknown): number => (typeof given === 'number' && Number.isFinite(given) ? given : 0)
  return value.map((item) => {
    const { pid, thread, command, native } = (item ?? {}) as Record<string, unknown>
    const words = Array.isArray(command) ? command.filter((word) => typeof word === 'string') : []
    const known = { pid: number(pid), thread: number(thread), command: words }
    return number(native) > 0 ? { ...known, native: number(native) } : known
  })
}

function askedSampling(value: unknown, samplingInterval: number): AskedSampling {
  const { table } = (value ?? {}) as { table?: unknown }
  const isRange = (item: unknown): item is SizeRange =>
    Array.isArray(item) && item.length === 2 && item.every((part) => typeof part === 'number')
  return Array.isArray(table) ? { table: table.filter(isRange) } : { interval: samplingInterval }
}

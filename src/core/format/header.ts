import { DOMAINS, type Domain } from '../types.js'
import type { ByteReader } from './varint.js'

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
  /** Mean bytes between samples; 0 when not known. */
  readonly samplingInterval: number
  readonly stackDepth: number
  readonly domains: readonly Domain[]
  /** How the samples were taken. */
  readonly source: string
  readonly command: readonly string[]
  /** Options given to Node itself. */
  readonly flags: readonly string[]
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
  return {
    pid: number('pid'),
    thread: number('thread'),
    node: string('node'),
    v8: string('v8'),
    platform: string('platform'),
    arch: string('arch'),
    startTime: number('startTime'),
    samplingInterval: Math.max(0, number('samplingInterval')),
    stackDepth: number('stackDepth'),
    domains: DOMAINS.filter((domain) => list('domains').includes(domain)),
    source: string('source'),
    command: list('command'),
    flags: list('flags'),
  }
}

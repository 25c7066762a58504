import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeBlock, encodePrologue } from '../../src/core/format/block.js'
import { EventWriter } from '../../src/core/format/event-writer.js'
import {
  encodeFrame,
  encodeFunction,
  encodeHeader,
  encodeMapped,
  encodeNode,
  encodeScript,
  encodeTrace,
  type MappedRecord,
} from '../../src/core/format/hpm.js'
import type { Domain } from '../../src/core/types.js'

export const SESSION = Uint8Array.from({ length: 16 }, (_, index) => index * 16 + 1)

export const HEADER = {
  pid: 4711,
  thread: 0,
  node: 'v20.20.2',
  v8: '11.3.244.8-node.38',
  platform: 'linux',
  arch: 'x64',
  startTime: 1_700_000_000_000.5,
  samplingInterval: 512,
  sampling: { interval: 512 },
  stackDepth: 128,
  domains: ['heap', 'arrayBuffer'],
  source: 'direct',
  sourceReason: '',
  exactLines: false,
  seed: 7,
  command: ['node', 'script.js'],
  flags: [],
}

type RecordKind = 'script' | 'function' | 'frame' | 'node' | 'trace'

/** A frame as a test writes it; what is left out is `f` at /app/main.js:1:1. */
export interface FrameSpec {
  function?: string
  url?: string
  line?: number
  column?: number
  sourceMapUrl?: string
  approximate?: boolean
}

/**
 * Builds the two files of a recording: scripts, functions and nodes that are needed for a trace are written with it.
 * The methods return indexes. `blockHpm` and `blockHpd` end the current block.
 */
export class LogBuilder {
  events: EventWriter = new EventWriter()
  readonly #session: Uint8Array
  readonly #hpmBlocks: Uint8Array[] = []
  readonly #hpdBlocks: Uint8Array[] = []
  #records: Uint8Array[] = []
  readonly #counts: Record<RecordKind, number> = { script: 0, function: 0, frame: 0, node: 0, trace: 0 }
  readonly #known = new Map<string, number>()

  constructor(header: object | undefined = HEADER, session: Uint8Array = SESSION) {
    this.#session = session
    if (header !== undefined) this.#records.push(encodeHeader(header))
  }

  script(url: string, sourceMapUrl = ''): number {
    return this.#once('script', [url, sourceMapUrl], () => encodeScript({ url, sourceMapUrl }))
  }

  function(script: number, line: number, column: number, name: string): number {
    const key = [script, line, column, name]
    return this.#once('function', key, () => encodeFunction({ script, line, column, name }))
  }

  frame(spec: FrameSpec): number {
    const { function: name = 'f', url = '/app/main.js', line = 1, column = 1 } = spec
    const { sourceMapUrl = '', approximate = false } = spec
    const script = url === '' ? 0 : this.script(url, sourceMapUrl)
    const owner = this.function(script, 1, 1, name)
    const key = [owner, line, column, approximate]
    return this.#once('frame', key, () => encodeFrame({ function: owner, line, column, approximate }))
  }

  /** Frames leaf first, as `Trace.frames` gives them. */
  trace(frames: readonly FrameSpec[], domain: Domain = 'heap', truncated = false): number {
    let node = 0
    for (const spec of [...frames].reverse()) {
      const parent = node
      const frame = this.frame(spec)
      node = this.#once('node', [parent, frame], () => encodeNode(parent, frame))
    }
    return this.#once('trace', [node, domain, truncated], () => encodeTrace(domain, node, truncated))
  }

  mapped(frame: number, mapped: MappedRecord): void {
    this.#records.push(encodeMapped(frame, mapped))
  }

  record(bytes: Uint8Array): void {
    this.#records.push(bytes)
  }

  blockHpm(): void {
    if (this.#records.length > 0) this.#hpmBlocks.push(encodeBlock(Buffer.concat(this.#records)))
    this.#records = []
  }

  blockHpd(): void {
    const payload = this.events.take()
    if (payload.length > 0) this.#hpdBlocks.push(encodeBlock(payload))
    this.events = new EventWriter(this.events.time)
  }

  hpm(): Buffer {
    this.blockHpm()
    return Buffer.concat([encodePrologue('M', this.#session), ...this.#hpmBlocks])
  }

  hpd(): Buffer {
    this.blockHpd()
    return Buffer.concat([encodePrologue('D', this.#session), ...this.#hpdBlocks])
  }

  /** Writes both files and returns the file base. */
  write(fileBase: string): string {
    return writeLog(fileBase, this.hpm(), this.hpd())
  }

  #once(kind: RecordKind, key: readonly unknown[], encode: () => Uint8Array): number {
    const text = JSON.stringify([kind, ...key])
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#records.push(encode())
    this.#counts[kind]++
    this.#known.set(text, this.#counts[kind])
    return this.#counts[kind]
  }
}

export function writeLog(fileBase: string, hpm: Uint8Array, hpd: Uint8Array): string {
  writeFileSync(`${fileBase}.hpm`, hpm)
  writeFileSync(`${fileBase}.hpd`, hpd)
  return fileBase
}

/** A folder of its own for the logs of a test file. */
export function logFolder(): { base: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-log-'))
  return {
    base: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

import { DOMAINS, type Domain } from '../types.js'
import type { BlockReader } from './block.js'
import { type Header, parseHeader } from './header.js'
import { ByteReader, ByteWriter } from './varint.js'

// The .hpm file: who recorded, and every stack seen. Its payloads are records:
//
//   | kind varint | length varint | body: length bytes |
//
// A record that is referred to comes before the record that refers to it; its index is its place among the records
// of its kind, from 1. A body may be longer than what is read here, and a kind may be unknown: a later writer of
// version 1 may add to both.

/** The kinds of records. */
export const RECORD = {
  header: 1,
  script: 2,
  function: 3,
  frame: 4,
  node: 5,
  trace: 6,
  mapped: 7,
  scriptAgain: 8,
  frameAgain: 9,
} as const

export interface ScriptRecord {
  readonly url: string
  readonly sourceMapUrl: string
}
export interface FunctionRecord {
  readonly script: number
  readonly line: number
  readonly column: number
  readonly name: string
}
export interface FrameRecord {
  readonly approximate: boolean
  readonly function: number
  readonly line: number
  readonly column: number
}
/** Where a frame is in the source its script was made from. */
export interface MappedRecord {
  readonly line: number
  readonly column: number
  readonly file: string
  /** `''` keeps the name of the function. */
  readonly name: string
}

/**
 * All records of a .hpm file. The arrays are used by index; entry 0 stands for what is not known. Nodes and traces
 * can be millions, so they are columns of numbers.
 */
export class Tables {
  header: Header | undefined
  readonly scripts: ScriptRecord[] = [{ url: '', sourceMapUrl: '' }]
  readonly functions: FunctionRecord[] = [{ script: 0, line: 0, column: 0, name: '(unknown)' }]
  readonly frames: FrameRecord[] = [{ approximate: false, function: 0, line: 0, column: 0 }]
  readonly nodeParents: number[] = [0]
  readonly nodeFrames: number[] = [0]
  readonly traceTruncated: boolean[] = [false]
  /** Positions in DOMAINS. */
  readonly traceDomains: number[] = [0]
  readonly traceNodes: number[] = [0]
  /** By frame. When a frame was mapped twice, the later record holds. */
  readonly mapped = new Map<number, MappedRecord>()
}

/** Reads every whole block of a .hpm file. Throws HeapproofError `damaged-profile`. */
export function readTables(path: string, blocks: BlockReader): Tables {
  const tables = new Tables()
  const input = new ByteReader(path)
  let first = true
  while (blocks.next()) {
    input.reset(blocks.payload, blocks.payloadOffset)
    while (input.position < input.end) {
      const start = input.position
      const kind = input.varint()
      if (first && kind !== RECORD.header) {
        input.fail(`the first record is of kind ${kind}, expected the header`, start)
      }
      first = false
      decodeRecord(input, kind, tables)
    }
  }
  return tables
}

function decodeRecord(input: ByteReader, kind: number, tables: Tables): void {
  const length = input.length()
  const blockEnd = input.end
  const end = input.position + length
  // While the body is read the record's end is the end: a field cannot reach into the next record.
  input.end = end
  switch (kind) {
    case RECORD.header:
      tables.header ??= parseHeader(input, length)
      break
    case RECORD.script:
      tables.scripts.push(decodeScript(input))
      break
    case RECORD.function:
      tables.functions.push({
        script: reference(input, 'script', tables.scripts.length),
        line: input.varint(),
        column: input.varint(),
        name: input.string(),
      })
      break
    case RECORD.frame:
      tables.frames.push(decodeFrame(input, tables))
      break
    case RECORD.node: {
      // A parent is always smaller than its child, so that no walk to the root can go round in circles.
      const parent = reference(input, 'node', tables.nodeParents.length)
      tables.nodeFrames.push(reference(input, 'frame', tables.frames.length))
      tables.nodeParents.push(parent)
      break
    }
    case RECORD.trace: {
      const truncated = input.varint() % 2 === 1
      const domain = reference(input, 'domain', DOMAINS.length)
      tables.traceNodes.push(reference(input, 'node', tables.nodeParents.length))
      tables.traceDomains.push(domain)
      tables.traceTruncated.push(truncated)
      break
    }
    case RECORD.mapped: {
      const frame = reference(input, 'frame', tables.frames.length)
      const [line, column] = [input.varint(), input.varint()]
      tables.mapped.set(frame, { line, column, file: input.string(), name: input.string() })
      break
    }
    // What was written roughly before, while V8 could not be asked: see native/v8/profile_writer.h.
    case RECORD.scriptAgain: {
      const script = reference(input, 'script', tables.scripts.length, 1)
      tables.scripts[script] = decodeScript(input)
      break
    }
    case RECORD.frameAgain: {
      const frame = reference(input, 'frame', tables.frames.length, 1)
      tables.frames[frame] = decodeFrame(input, tables)
      break
    }
  }
  input.position = end
  input.end = blockEnd
}

function decodeScript(input: ByteReader): ScriptRecord {
  return { url: input.string(), sourceMapUrl: input.string() }
}

function decodeFrame(input: ByteReader, tables: Tables): FrameRecord {
  return {
    approximate: input.varint() % 2 === 1,
    function: reference(input, 'function', tables.functions.length),
    line: input.varint(),
    column: input.varint(),
  }
}

/** `first` is 1 where index 0, which stands for what is not known, would be written over. */
function reference(input: ByteReader, what: string, limit: number, first = 0): number {
  const start = input.position
  const index = input.varint()
  if (index >= limit || index < first) {
    const known = limit > first ? `only ${first} to ${limit - 1} are known` : 'none is known'
    input.fail(`${what} ${index} is named, but ${known}`, start)
  }
  return index
}

function record(kind: number, body: ByteWriter): Uint8Array {
  return new ByteWriter().varint(kind).varint(body.length).raw(body.take()).take()
}

export function encodeHeader(header: object): Uint8Array {
  const json = Buffer.from(JSON.stringify(header), 'utf8')
  return record(RECORD.header, new ByteWriter().raw(json))
}

export function encodeScript(script: ScriptRecord): Uint8Array {
  return record(RECORD.script, new ByteWriter().string(script.url).string(script.sourceMapUrl))
}

export function encodeFunction({ script, line, column, name }: FunctionRecord): Uint8Array {
  return record(RECORD.function, new ByteWriter().varint(script).varint(line).varint(column).string(name))
}

export function encodeFrame(frame: FrameRecord): Uint8Array {
  const body = new ByteWriter().varint(frame.approximate ? 1 : 0).varint(frame.function)
  return record(RECORD.frame, body.varint(frame.line).varint(frame.column))
}

export function encodeNode(parent: number, frame: number): Uint8Array {
  return record(RECORD.node, new ByteWriter().varint(parent).varint(frame))
}

export function encodeTrace(domain: Domain, node: number, truncated = false): Uint8Array {
  const body = new ByteWriter()
    .varint(truncated ? 1 : 0)
    .varint(DOMAINS.indexOf(domain))
    .varint(node)
  return record(RECORD.trace, body)
}

export function encodeMapped(frame: number, { line, column, file, name }: MappedRecord): Uint8Array {
  return record(
    RECORD.mapped,
    new ByteWriter().varint(frame).varint(line).varint(column).string(file).string(name),
  )
}

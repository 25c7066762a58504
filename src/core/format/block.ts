import { HeapproofError } from '../errors.js'
import type { Input } from './files.js'
import { damaged } from './varint.js'

// All files are the same on the outside:
//
//   offset 0      6        8            24
//          | magic | version | session id | block | block | ...
//          89 'H' 'P' 'M', 'D' or 'C' 0D 0A
//
//   block: | length u32 | crc32 of payload u32 | payload: length bytes |
//
// A file that just ends, wherever that is, was cut by a kill or a full disk, and is read up to its last whole block.

/** The only version this build writes and reads. */
export const FORMAT_VERSION = 1
/** Bytes before the first block. */
export const PROLOGUE_LENGTH = 24
/** Greatest length of a payload in bytes. */
export const BLOCK_LIMIT = 2 ** 26

/** Bytes of a session id. */
export const SESSION_LENGTH = 16

const SESSION_OFFSET = 8
const BLOCK_HEADER = 8
const WINDOW = 2 ** 18

/** Which file: `M` for the .hpm, `D` for the .hpd, `C` for the .hpc. */
export type FileLetter = 'M' | 'D' | 'C'

const KINDS = { M: 'metadata (.hpm)', D: 'event (.hpd)', C: 'digest (.hpc)' } as const

function magicOf(letter: FileLetter): Buffer {
  return Buffer.from(`\x89HP${letter}\r\n`, 'latin1')
}

/** The first 24 bytes of a file. `sessionId` is 16 random bytes, the same in all files of a recording. */
export function encodePrologue(letter: FileLetter, sessionId: Uint8Array): Uint8Array {
  return Buffer.concat([magicOf(letter), Buffer.from([FORMAT_VERSION % 256, FORMAT_VERSION >> 8]), sessionId])
}

/** A block around a payload of 1 to 2^26 bytes. */
export function encodeBlock(payload: Uint8Array): Uint8Array {
  const block = Buffer.alloc(BLOCK_HEADER + payload.length)
  block.writeUInt32LE(payload.length, 0)
  block.writeUInt32LE(checksum(payload), 4)
  block.set(payload, BLOCK_HEADER)
  return block
}

/**
 * Walks the blocks of a file, with one buffer that is as large as the largest block. Make a new one for each pass.
 * Errors are HeapproofErrors: `not-a-profile`, `unsupported-version`, `damaged-profile`.
 */
export class BlockReader {
  /** What the file holds of its session id: 16 bytes, or fewer when the file was cut before. */
  readonly sessionId: Uint8Array
  /** The payload of the current block. Valid until the next `next()`. */
  payload: Uint8Array = new Uint8Array(0)
  /** Where the payload starts in the file. */
  payloadOffset = 0
  /** Where the last whole block ends: the file is good up to here. 0 when not even the prologue is whole. */
  goodLength = 0

  readonly #file: Input
  #buffer: Buffer
  #bufferAt = 0
  #bufferLength = 0

  constructor(file: Input, letter: FileLetter) {
    this.#file = file
    this.#buffer = Buffer.allocUnsafe(Math.min(WINDOW, file.size))
    const prologue = this.#bytes(0, PROLOGUE_LENGTH)
    if (file.isOurs !== true) checkPrologue(file.path, prologue, letter)
    this.sessionId = Uint8Array.from(prologue.subarray(SESSION_OFFSET))
    if (prologue.length === PROLOGUE_LENGTH) this.goodLength = PROLOGUE_LENGTH
  }

  /** Goes to the next whole block; false at the end of the file, or of what is whole of it. */
  next(): boolean {
    if (this.goodLength === 0) return false
    const start = this.goodLength
    const header = this.#bytes(start, BLOCK_HEADER)
    if (header.length < BLOCK_HEADER) return false
    const length = header.readUInt32LE(0)
    const expected = header.readUInt32LE(4)
    const { path } = this.#file
    if (length < 1 || length > BLOCK_LIMIT) {
      throw damaged(path, start, `a block of ${length} bytes, expected 1 to ${BLOCK_LIMIT}`)
    }
    if (length > this.#file.size - start - BLOCK_HEADER) return false
    const payload = this.#bytes(start + BLOCK_HEADER, length)
    if (payload.length < length) return false // the file shrank while it was read
    if (this.#file.isOurs !== true && checksum(payload) !== expected)
      throw damaged(path, start, 'the checksum of this block does not match')
    this.payload = payload
    this.payloadOffset = start + BLOCK_HEADER
    this.goodLength = this.payloadOffset + length
    return true
  }

  /** The next block is the one that begins at this offset. */
  seek(offset: number): void {
    this.goodLength = offset
  }

  /** Bytes at the end of the file that belong to no whole block. Known after `next()` returned false. */
  get ignored(): number {
    return this.#file.size - this.goodLength
  }

  /** `count` bytes from `at`, fewer at the end of the file. The length asked for is never allocated beyond that. */
  #bytes(at: number, count: number): Buffer {
    const wanted = Math.max(0, Math.min(count, this.#file.size - at))
    if (at < this.#bufferAt || at + wanted > this.#bufferAt + this.#bufferLength) {
      if (wanted > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(wanted)
      this.#bufferAt = at
      this.#bufferLength = this.#file.read(this.#buffer, at)
    }
    const from = at - this.#bufferAt
    return this.#buffer.subarray(from, Math.min(from + wanted, this.#bufferLength))
  }
}

let crc32: ((bytes: Uint8Array) => number) | undefined

/** zlib is loaded at the first block: a program that is recorded needs none, and takes 2 % longer to start with it. */
function checksum(payload: Uint8Array): number {
  crc32 ??= process.getBuiltinModule('node:zlib').crc32
  return crc32(payload)
}

function checkPrologue(path: string, prologue: Buffer, letter: FileLetter): void {
  const magic = magicOf(letter)
  const found = prologue.subarray(0, magic.length)
  if (!found.equals(magic.subarray(0, found.length))) {
    const hex = `${magic.toString('hex')}, found ${found.toString('hex')}`
    throw new HeapproofError(
      'not-a-profile',
      `${path}: not a heapproof ${KINDS[letter]} file: expected the bytes ${hex}`,
    )
  }
  if (prologue.length < SESSION_OFFSET) return
  const version = prologue.readUInt16LE(magic.length)
  if (version === FORMAT_VERSION) return
  const message = `${path}: format version ${version}, this build reads version ${FORMAT_VERSION}`
  throw new HeapproofError('unsupported-version', message)
}

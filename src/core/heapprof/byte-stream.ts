import type { Input } from '../format/files.js'
import { damaged } from '../format/varint.js'

// The numbers of all three files of heapprof:
//
//   u32, u64   4 or 8 bytes, the highest first
//   varint     unsigned LEB128: seven bits per byte, the lowest first, the top bit set on all bytes but the last
//
// heapprof itself reads and writes a varint with an `int`: only 0 to 2^31 - 1 comes through. A writer that keeps more
// bits is read here up to 2^53 - 1.

/** What a number reads as that the end of the file has cut off. */
export const CUT = -1

const WINDOW = 2 ** 18
/** 64 bits in groups of seven. */
const VARINT_LENGTH = 10

/** Reads a file of heapprof from some offset on through a window of fixed size. */
export class ByteStream {
  readonly path: string
  readonly #input: Input
  #bytes: Buffer
  /** Where in the file the window begins. */
  #origin: number
  #index = 0
  #end = 0

  constructor(input: Input, offset = 0) {
    this.path = input.path
    this.#input = input
    this.#origin = offset
    this.#bytes = Buffer.allocUnsafe(Math.min(WINDOW, input.size - offset))
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.#origin + this.#index
  }

  /** Bytes of the file that were not read yet. */
  get left(): number {
    return this.#input.size - this.offset
  }

  /** Throws the damage found at an offset in the file. */
  fail(what: string, offset: number): never {
    throw damaged(this.path, offset, what)
  }

  /** A byte, or CUT. */
  byte(): number {
    if (this.#index >= this.#end && !this.#fill(1)) return CUT
    return this.#bytes[this.#index++] as number
  }

  u32(): number {
    if (this.#end - this.#index < 4 && !this.#fill(4)) return CUT
    const bytes = this.#bytes
    const index = this.#index
    this.#index = index + 4
    const [first, second] = [bytes[index] as number, bytes[index + 1] as number]
    const [third, fourth] = [bytes[index + 2] as number, bytes[index + 3] as number]
    return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0
  }

  /** The number with 64 bits, as near as a double comes to it. */
  u64(): number {
    if (this.left < 8) return CUT
    const [high, low] = [this.u32(), this.u32()]
    return high === CUT || low === CUT ? CUT : high * 2 ** 32 + low
  }

  /** Throws HeapproofError `damaged-profile` when the number is longer than 64 bits or greater than 2^53 - 1. */
  varint(): number {
    const index = this.#index
    // Most numbers have one byte or two, and most of them are in the window.
    if (this.#end - index >= 2) {
      const first = this.#bytes[index] as number
      const second = this.#bytes[index + 1] as number
      if (first < 128) {
        this.#index = index + 1
        return first
      }
      if (second < 128) {
        this.#index = index + 2
        return first - 128 + second * 128
      }
    }
    return this.#longVarint()
  }

  #longVarint(): number {
    const start = this.offset
    let value = 0
    let factor = 1
    for (let count = 0; count < VARINT_LENGTH; count++) {
      const byte = this.byte()
      if (byte === CUT) return CUT
      value += (byte & 127) * factor
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) this.fail('a number is greater than 2^53 - 1', start)
        return value
      }
      factor *= 128
    }
    return this.fail('a number is longer than 64 bits', start)
  }

  /** The next bytes, valid until the next read; undefined when the file has fewer. */
  take(length: number): Buffer | undefined {
    if (this.#end - this.#index < length && !this.#fill(length)) return undefined
    const bytes = this.#bytes.subarray(this.#index, this.#index + length)
    this.#index += length
    return bytes
  }

  /** Moves the window so that the next `count` bytes are in it; false, with nothing moved, when the file ends before. */
  #fill(count: number): boolean {
    if (count > this.left) return false
    const at = this.offset
    if (count > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(count)
    this.#origin = at
    this.#index = 0
    this.#end = this.#input.read(this.#bytes, at)
    return count <= this.#end // fewer when the file shrank while it was read
  }
}

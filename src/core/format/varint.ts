import { HeapproofError } from '../errors.js'

/** The error for a file whose bytes cannot be what the recorder wrote. `offset` is from the start of the file. */
export function damaged(path: string, offset: number, what: string): HeapproofError {
  return new HeapproofError('damaged-profile', `${path}: damaged at byte ${offset}: ${what}`)
}

/**
 * Reads the primitive values of both files out of a piece of one. Every read checks that the value ends before
 * `end`; a value that does not is a HeapproofError `damaged-profile` with the path and the offset in the file.
 */
export class ByteReader {
  readonly path: string
  bytes: Uint8Array
  position = 0
  end: number
  /** Offset in the file of `bytes[0]`, for messages. */
  origin: number

  constructor(path: string, bytes: Uint8Array = new Uint8Array(0), origin = 0) {
    this.path = path
    this.bytes = bytes
    this.end = bytes.length
    this.origin = origin
  }

  /** Starts over with other bytes. */
  reset(bytes: Uint8Array, origin: number): void {
    this.bytes = bytes
    this.position = 0
    this.end = bytes.length
    this.origin = origin
  }

  /** Throws the damage found at `at`, a position in `bytes`. */
  fail(what: string, at: number = this.position): never {
    throw damaged(this.path, this.origin + at, what)
  }

  /** An unsigned LEB128 number, 0 to 2^53 - 1. Greater ones are damage: no clock and no heap reaches them. */
  varint(): number {
    if (this.position < this.end) {
      const byte = this.bytes[this.position] as number
      if (byte < 128) {
        this.position++
        return byte
      }
    }
    return this.#longVarint()
  }

  #longVarint(): number {
    const { bytes, end, position } = this
    // The first four bytes hold 28 bits, which shifts can still do. Written out, because most of the time of reading a
    // recording is spent here; the bytes of a number that ends in the block are all there without a look at the end.
    if (position + 4 <= end) {
      let byte = bytes[position + 1] as number
      let value = ((bytes[position] as number) & 127) | ((byte & 127) << 7)
      if (byte < 128) {
        this.position = position + 2
        return value
      }
      byte = bytes[position + 2] as number
      value |= (byte & 127) << 14
      if (byte < 128) {
        this.position = position + 3
        return value
      }
      byte = bytes[position + 3] as number
      if (byte < 128) {
        this.position = position + 4
        return value | (byte << 21)
      }
    }
    return this.#anyVarint()
  }

  /** One byte after the other. By multiplication: a shift would silently drop everything over 32 bits. */
  #anyVarint(): number {
    const { bytes, end } = this
    let position = this.position
    let value = 0
    let factor = 1
    for (let count = 0; count < 10; count++) {
      if (position >= end) this.fail('a number runs out of its block')
      const byte = bytes[position++] as number
      value += (byte & 127) * factor
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) this.fail('a number is greater than 2^53 - 1')
        this.position = position
        return value
      }
      factor *= 128
    }
    return this.fail('a number is longer than 10 bytes')
  }

  /** A signed number: 0, -1, 1, -2, 2 are stored as 0, 1, 2, 3, 4. */
  zigzag(): number {
    const value = this.varint()
    const half = Math.floor(value / 2)
    return half * 2 === value ? half : -half - 1
  }

  /** A size in bytes; the lowest bit tells whether it was divided by 8. */
  size(): number {
    const start = this.position
    const value = this.varint()
    if (value < 2 ** 29) return (value & 1) === 1 ? value >>> 1 : value * 4
    if (value % 2 === 1) return (value - 1) / 2
    const size = value * 4
    if (size > Number.MAX_SAFE_INTEGER) this.fail('a size is greater than 2^53 - 1', start)
    return size
  }

  float64(): number {
    if (this.end - this.position < 8) this.fail('a number runs out of its block')
    const { buffer, byteOffset } = this.bytes
    const value = new DataView(buffer, byteOffset + this.position, 8).getFloat64(0, true)
    this.position += 8
    return value
  }

  /** A length, checked against what is left, so that it can be trusted. */
  length(): number {
    const start = this.position
    const length = this.varint()
    if (length > this.end - this.position) {
      this.fail(`a length of ${length} bytes where ${this.end - this.position} are left`, start)
    }
    return length
  }

  /** UTF-8 text after its length. Bytes that are not UTF-8 read as U+FFFD. */
  string(): string {
    const length = this.length()
    if (length === 0) return ''
    const { buffer, byteOffset } = this.bytes
    const text = Buffer.from(buffer, byteOffset + this.position, length).toString('utf8')
    this.position += length
    return text
  }
}

/** Writes what ByteReader reads. Numbers must be integers from 0 to 2^53 - 1 where the format says varint. */
export class ByteWriter {
  #bytes = new Uint8Array(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  byte(value: number): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
    return this
  }

  varint(value: number): this {
    this.#reserve(10)
    const bytes = this.#bytes
    let rest = value
    let at = this.#length
    while (rest >= 2 ** 31) {
      bytes[at++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    // Shifts are faster, up to 31 bits.
    while (rest >= 128) {
      bytes[at++] = (rest & 127) | 128
      rest >>>= 7
    }
    bytes[at++] = rest
    this.#length = at
    return this
  }

  zigzag(value: number): this {
    return this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** Sizes that are not a multiple of 8 must be below 2^52: one bit of the number is taken. */
  size(value: number): this {
    return this.varint(value % 8 === 0 ? value / 4 : value * 2 + 1)
  }

  float64(value: number): this {
    this.#reserve(8)
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true)
    this.#length += 8
    return this
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  string(text: string): this {
    const bytes = Buffer.from(text, 'utf8')
    return this.varint(bytes.length).raw(bytes)
  }

  /** Starts over, in the same memory. */
  clear(): this {
    this.#length = 0
    return this
  }

  /** A copy of what was written so far. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#length + count, this.#bytes.length * 2))
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}

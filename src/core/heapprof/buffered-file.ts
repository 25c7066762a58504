import { writeSync } from 'node:fs'
import { HeapproofError } from '../errors.js'

const CAPACITY = 2 ** 16
/** The longest number: a varint of 2^53 - 1 takes 8 bytes, as does a u64. */
const LONGEST = 8

/** Writes the numbers of heapprof's files, many with one call of the system. See byte-stream.ts for what they are. */
export class BufferedFile {
  readonly #path: string
  readonly #descriptor: number
  readonly #bytes = Buffer.allocUnsafe(CAPACITY)
  #length = 0

  /** `path` names the file in errors; every method may throw HeapproofError `cannot-write`. */
  constructor(path: string, descriptor: number) {
    this.#path = path
    this.#descriptor = descriptor
  }

  u32(value: number): this {
    this.#reserve()
    this.#length = this.#bytes.writeUInt32BE(value, this.#length)
    return this
  }

  u64(value: number): this {
    return this.u32(Math.floor(value / 2 ** 32)).u32(value % 2 ** 32)
  }

  varint(value: number): this {
    this.#reserve()
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
    return this
  }

  bytes(bytes: Uint8Array): this {
    if (bytes.length > CAPACITY - this.#length) this.flush()
    if (bytes.length > CAPACITY) this.#write(bytes)
    else {
      this.#bytes.set(bytes, this.#length)
      this.#length += bytes.length
    }
    return this
  }

  /** Hands over what was held back so far. */
  flush(): void {
    this.#write(this.#bytes.subarray(0, this.#length))
    this.#length = 0
  }

  #reserve(): void {
    if (CAPACITY - this.#length < LONGEST) this.flush()
  }

  #write(bytes: Uint8Array): void {
    try {
      let done = 0
      while (done < bytes.length) done += writeSync(this.#descriptor, bytes, done, bytes.length - done)
    } catch (error) {
      const reason = (error as Error).message
      throw new HeapproofError('cannot-write', `${this.#path}: cannot be written: ${reason}`)
    }
  }
}

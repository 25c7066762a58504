import { writeSync } from 'node:fs'
import { encodeBlock, encodePrologue, type FileLetter } from '../format/block.js'

/** Bytes of a block: what is read or lost at once. */
const BLOCK = 2 ** 16

/** Writes one of the two files of a recording, from its beginning. */
export class BlockFile {
  readonly #descriptor: number
  #records: Uint8Array[] = []
  #length = 0

  constructor(descriptor: number, letter: FileLetter, sessionId: Uint8Array) {
    this.#descriptor = descriptor
    this.#append(encodePrologue(letter, sessionId))
  }

  /** Adds a record to the current block. */
  record(bytes: Uint8Array): void {
    this.#records.push(bytes)
    this.#length += bytes.length
    if (this.#length >= BLOCK) this.flush()
  }

  /** Ends the current block, if anything is in it. */
  flush(): void {
    if (this.#length > 0) this.block(Buffer.concat(this.#records))
    this.#records = []
    this.#length = 0
  }

  /** A whole block. */
  block(payload: Uint8Array): void {
    this.#append(encodeBlock(payload))
  }

  #append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done)
  }
}

import { writeSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { BLOCK_LIMIT, encodeBlock, encodePrologue, type FileLetter } from '../format/block.js'

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
    if (this.#length + bytes.length > BLOCK_LIMIT) this.flush()
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

  /** A whole block. @throws HeapproofError `too-large` when it is more than a block may hold. */
  block(payload: Uint8Array): void {
    if (payload.length > BLOCK_LIMIT) {
      throw new HeapproofError(
        'too-large',
        `a record of ${payload.length} bytes: expected up to ${BLOCK_LIMIT}`,
      )
    }
    this.#append(encodeBlock(payload))
  }

  #append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done)
  }
}

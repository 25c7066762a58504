import { readAmount } from './amount.js'
import { BlockReader } from './block.js'
import type { Input } from './files.js'
import {
  ALLOCATED,
  BLOCK,
  COLUMNS,
  type DigestIndex,
  type DigestOrigin,
  FIRST_TRACE,
  FREED,
  FREED_AT,
  type FrameEntry,
  MOVED,
  MOVED_AT,
  readIndex,
  readOrigin,
  SLOT_STEP,
} from './hpc.js'
import { ByteReader, damaged } from './varint.js'

/** Bytes of the last block: kind and offset, and 8 around them. */
const FOOTER_LENGTH = 17

/** Reads a .hpc file: the index when it is opened, snapshots in any order. */
export class DigestReader {
  readonly sessionId: Uint8Array
  readonly origin: DigestOrigin
  readonly index: DigestIndex

  readonly #path: string
  readonly #blocks: BlockReader
  readonly #input: ByteReader
  readonly #state: Float64Array
  /** The snapshot that `#state` is; -1 for none. */
  #at = -1

  /**
   * `traceCount` is that of the recording. Undefined when the file was not finished.
   *
   * @throws HeapproofError `not-a-profile`, `unsupported-version`, `damaged-profile`.
   */
  static open(file: Input, traceCount: number): DigestReader | undefined {
    const blocks = new BlockReader(file, 'C')
    return blocks.goodLength === 0 ? undefined : DigestReader.#read(file, blocks, traceCount)
  }

  static #read(file: Input, blocks: BlockReader, traceCount: number): DigestReader | undefined {
    const input = new ByteReader(file.path)
    const goTo = (kind: number): boolean => {
      if (!blocks.next()) return false
      input.reset(blocks.payload, blocks.payloadOffset)
      if (input.varint() !== kind) input.fail(`a block that is not of kind ${kind}`, 0)
      return true
    }
    if (!goTo(BLOCK.origin)) return undefined
    const origin = readOrigin(input)
    const frames = blocks.goodLength
    const footer = file.size - FOOTER_LENGTH
    if (footer < frames || !endsInFooter(file, footer)) return undefined
    blocks.seek(footer)
    goTo(BLOCK.footer)
    const offset = input.float64()
    if (!(Number.isInteger(offset) && offset >= frames && offset < footer)) {
      input.fail(`an index at byte ${offset}`, 1)
    }
    blocks.seek(offset)
    if (!goTo(BLOCK.index)) throw damaged(file.path, offset, 'no index is here')
    const index = readIndex(input, frames, offset)
    return new DigestReader(file.path, blocks, { origin, index, input, traceCount })
  }

  private constructor(
    path: string,
    blocks: BlockReader,
    found: { origin: DigestOrigin; index: DigestIndex; input: ByteReader; traceCount: number },
  ) {
    this.sessionId = blocks.sessionId
    this.origin = found.origin
    this.index = found.index
    this.#path = path
    this.#blocks = blocks
    this.#input = found.input
    this.#state = new Float64Array((FIRST_TRACE + 1 + found.traceCount) * COLUMNS)
  }

  /**
   * The sums of a snapshot, by its number: `COLUMNS` numbers for each slot, in units (amount.ts). Valid until the next call. Going forward in
   * small steps is fastest.
   *
   * @throws HeapproofError `cannot-read`, `damaged-profile`.
   */
  sums(number: number): Float64Array {
    const { frames } = this.index
    let from = number
    while (from !== this.#at && !(frames[from] as FrameEntry).isKey) from--
    for (let next = from === this.#at ? from + 1 : from; next <= number; next++) {
      this.#at = -1 // what is applied only in part is no state
      this.#apply(frames[next] as FrameEntry)
      this.#at = next
    }
    return this.#state
  }

  #apply({ offset, length, isKey }: FrameEntry): void {
    const blocks = this.#blocks
    const input = this.#input
    blocks.seek(offset)
    if (isKey) this.#state.fill(0)
    let expected: number = isKey ? BLOCK.key : BLOCK.changes
    const end = offset + length
    while (blocks.goodLength < end) {
      if (!blocks.next() || blocks.goodLength > end) throw damaged(this.#path, offset, 'a snapshot is cut')
      input.reset(blocks.payload, blocks.payloadOffset)
      if (input.varint() !== expected) input.fail(`a block that is not of kind ${expected}`, 0)
      this.#entries(input)
      expected = BLOCK.more
    }
  }

  #entries(input: ByteReader): void {
    const slots = this.#state.length / COLUMNS
    let slot = 0
    while (input.position < input.end) {
      const head = input.varint()
      const flags = head % SLOT_STEP
      slot += (head - flags) / SLOT_STEP
      if (slot >= slots) input.fail(`a trace that the recording does not have`)
      const at = slot * COLUMNS
      if (flags & ALLOCATED) this.#add(at)
      if (flags & FREED) this.#add(at + FREED_AT)
      if (flags & MOVED) this.#add(at + MOVED_AT)
    }
  }

  #add(at: number): void {
    const state = this.#state
    const input = this.#input
    state[at] = (state[at] as number) + readAmount(input)
    state[at + 1] = (state[at + 1] as number) + readAmount(input)
    state[at + 2] = (state[at + 2] as number) + input.varint()
  }
}

/** Whether what stands here may be a footer. A file that is cut ends anywhere; that is no damage. */
function endsInFooter(file: Input, offset: number): boolean {
  const start = new Uint8Array(FOOTER_LENGTH)
  file.read(start, offset)
  const length = new DataView(start.buffer).getUint32(0, true)
  return length === FOOTER_LENGTH - 8 && start[8] === BLOCK.footer
}

import { writeAmount } from './amount.js'
import { encodeBlock, encodePrologue } from './block.js'
import {
  ALLOCATED,
  BLOCK,
  type DigestOrigin,
  FREED,
  FREED_AT,
  type FrameEntry,
  MOVED,
  SLOT_STEP,
  writeIndex,
  writeOrigin,
} from './hpc.js'
import type { Summary } from './summary.js'
import { ByteWriter } from './varint.js'

/** Where bytes go, one after the other. */
export interface Sink {
  write(bytes: Uint8Array): void
}

/** A frame that is longer goes on in another block. */
const LONGEST_PAYLOAD = 2 ** 24

/** Writes a .hpc file from its beginning to its end. */
export class DigestWriter {
  readonly #sink: Sink
  readonly #frames: FrameEntry[] = []
  #length = 0
  #slot = 0
  readonly #payload = new ByteWriter()
  #frame = { time: 0, offset: 0, isKey: true }

  constructor(sink: Sink, sessionId: Uint8Array, origin: DigestOrigin) {
    this.#sink = sink
    this.#write(encodePrologue('C', sessionId))
    const payload = new ByteWriter()
    writeOrigin(payload, origin)
    this.#write(encodeBlock(payload.take()))
  }

  /** How many snapshots were written. */
  get count(): number {
    return this.#frames.length
  }

  /** Begins a snapshot, of the state at `time` microseconds. Times ascend. */
  begin(time: number, isKey: boolean): void {
    this.#frame = { time, offset: this.#length, isKey }
    this.#beginBlock(isKey ? BLOCK.key : BLOCK.changes)
  }

  /** What a slot has: in `sums` from `at` what was allocated and freed; and what moved. Slots ascend. */
  entry(slot: number, sums: Float64Array, at: number, moved: Float64Array | undefined): void {
    const allocated = isThere(sums, at)
    const freed = isThere(sums, at + FREED_AT)
    const flags = (allocated ? ALLOCATED : 0) + (freed ? FREED : 0) + (moved === undefined ? 0 : MOVED)
    if (flags === 0) return
    if (this.#payload.length > LONGEST_PAYLOAD) {
      this.#endBlock()
      this.#beginBlock(BLOCK.more)
    }
    this.#payload.varint((slot - this.#slot) * SLOT_STEP + flags)
    this.#slot = slot
    if (allocated) this.#amounts(sums, at)
    if (freed) this.#amounts(sums, at + FREED_AT)
    if (moved !== undefined) this.#amounts(moved, 0)
  }

  /** Ends the snapshot and returns how many bytes it takes. */
  end(): number {
    this.#endBlock()
    const length = this.#length - this.#frame.offset
    this.#frames.push({ ...this.#frame, length })
    return length
  }

  /** Ends the file. Without this it is none. */
  finish(complete: boolean, summary: Summary): void {
    const offset = this.#length
    const index = new ByteWriter()
    writeIndex(index, { complete, summary, frames: this.#frames })
    this.#write(encodeBlock(index.take()))
    this.#write(encodeBlock(new ByteWriter().varint(BLOCK.footer).float64(offset).take()))
  }

  #amounts(numbers: Float64Array, at: number): void {
    writeAmount(this.#payload, numbers[at] as number)
    writeAmount(this.#payload, numbers[at + 1] as number)
    this.#payload.varint(numbers[at + 2] as number)
  }

  #beginBlock(kind: number): void {
    this.#payload.clear().varint(kind)
    this.#slot = 0
  }

  #endBlock(): void {
    this.#write(encodeBlock(this.#payload.take()))
  }

  #write(bytes: Uint8Array): void {
    this.#sink.write(bytes)
    this.#length += bytes.length
  }
}

/** Whether there are samples: objects of 0 bytes are objects too. */
function isThere(numbers: Float64Array, at: number): boolean {
  return numbers[at + 2] !== 0
}

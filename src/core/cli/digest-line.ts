import type { WriteStream } from 'node:tty'
import type { DigestProgress } from '../digest/steps.js'

/** Milliseconds: before nobody has begun to wonder, and from one line to the next. */
const FIRST = 500
const EACH = 100

/** One line that replaces itself, for a person who waits; nothing where nobody does. */
export class DigestLine {
  readonly #stream: WriteStream
  readonly #begin = performance.now()
  #last = this.#begin + FIRST - EACH
  #isShown = false

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  show({ bytes, totalBytes, events, time }: DigestProgress): void {
    const now = performance.now()
    if (!this.#stream.isTTY || now - this.#last < EACH) return
    this.#last = now
    const done = totalBytes > 0 ? bytes / totalBytes : 1
    const left = done > 0 ? ((now - this.#begin) / 1000) * (1 / done - 1) : 0
    const million = (events / 1e6).toFixed(1)
    const text = `${Math.floor(done * 100)} %, ${million} million events, ${time.toFixed(1)} s of the recording`
    this.#stream.write(`\r\x1b[Kheapproof: ${text}; ${Math.ceil(left)} s left`)
    this.#isShown = true
  }

  clear(): void {
    if (this.#isShown) this.#stream.write('\r\x1b[K')
  }
}

import type { StackData } from './data.js'

/** Names of frames, for people. */
export class Names {
  readonly #data: StackData

  constructor(data: StackData) {
    this.#data = data
  }

  get count(): number {
    return this.#data.stacks.frameNames.length
  }

  function(frame: number): string {
    const { head, stacks } = this.#data
    return head.names[stacks.frameNames[frame] as number] as string
  }

  /** `src/cache.ts:14`; empty when it is not known. */
  place(frame: number): string {
    const { head, stacks } = this.#data
    const file = head.files[stacks.frameFiles[frame] as number] as string
    const line = stacks.frameLines[frame] as number
    return line > 0 && file !== '' ? `${file}:${line}` : file
  }

  /** `set cache.ts:14`. */
  short(frame: number): string {
    const place = this.place(frame)
    return `${this.function(frame)}  ${place.slice(place.lastIndexOf('/') + 1)}`
  }

  /** The line of source; empty when it is not known. */
  source(frame: number): string {
    const { head, stacks } = this.#data
    return head.texts[stacks.frameTexts[frame] as number] as string
  }

  /** By frame, whether its name or place has a text in it, in any case; undefined when there is no text. */
  found(search: string): boolean[] | undefined {
    const wanted = search.trim().toLowerCase()
    if (wanted === '') return undefined
    return Array.from({ length: this.count }, (_, frame) =>
      `${this.function(frame)} ${this.place(frame)}`.toLowerCase().includes(wanted),
    )
  }
}

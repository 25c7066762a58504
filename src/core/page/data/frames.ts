import { classify, type FileKind } from '../../frames/classify.js'
import type { SourceText } from '../../frames/source-text.js'
import { printable } from '../../text/printable.js'
import type { Frame } from '../../types.js'
import { type FrameColumns, KINDS, type PageTexts } from './format.js'

/** A longer line of source is no help in a table. */
const LONGEST_TEXT = 120

/** How files are named, and where their texts are. */
export interface SourcePlaces {
  /** A path as people read it. */
  readonly nameOf: (file: string) => string
  /** None: no line of source is shown. */
  readonly sources: SourceText | undefined
}

/** Names and lines of source, each once, and the columns that point to them. */
export function frameColumns(
  frames: readonly Pick<Frame, 'function' | 'file' | 'line'>[],
  { nameOf, sources }: SourcePlaces,
): { texts: PageTexts; columns: FrameColumns } {
  const [names, files, texts] = [new Texts(), new Texts(), new Texts()]
  texts.index('')
  const kinds: readonly FileKind[] = KINDS
  const columns = {
    frameNames: Uint32Array.from(frames, (frame) => names.index(printable(frame.function))),
    frameFiles: Uint32Array.from(frames, ({ file }) => files.index(printable(nameOf(file)))),
    frameLines: Uint32Array.from(frames, ({ line }) => Math.min(line, 2 ** 32 - 1)),
    frameKinds: Uint8Array.from(frames, ({ file }) => kinds.indexOf(classify(file))),
    frameTexts: Uint32Array.from(frames, ({ file, line }) => {
      const text = line > 0 ? (sources?.line(file, line) ?? '') : ''
      return texts.index(printable(text.trim().slice(0, LONGEST_TEXT)))
    }),
  }
  return { texts: { names: names.list, files: files.list, texts: texts.list }, columns }
}

/** Texts by number, each once. */
class Texts {
  readonly list: string[] = []
  readonly #indexes = new Map<string, number>()

  index(text: string): number {
    let index = this.#indexes.get(text)
    if (index === undefined) {
      index = this.list.push(text) - 1
      this.#indexes.set(text, index)
    }
    return index
  }
}

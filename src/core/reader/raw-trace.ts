import type { Tables } from '../format/hpm.js'
import { fileOfUrl } from '../frames/file.js'
import { SourceText } from '../frames/source-text.js'
import type { Domain, Frame, Trace } from '../types.js'

/** A frame with the text of its line. */
export interface SourceFrame extends Frame {
  /** Without its end; undefined when the file is not there, or is not under the root. */
  readonly source: string | undefined
}

/** A trace whose frames have source text. */
export interface SourceTrace extends Omit<Trace, 'frames'> {
  readonly domain: Domain
  readonly frames: readonly SourceFrame[]
}

/** The frames of a trace as they were recorded, before any source map. */
export function rawFrames(tables: Tables, trace: number): Frame[] {
  const { traceNodes, nodeParents, nodeFrames, frames, functions, scripts } = tables
  const list: Frame[] = []
  for (let node = traceNodes[trace] ?? 0; node !== 0; node = nodeParents[node] as number) {
    const { function: index, line, column, approximate } = frames[nodeFrames[node] as number] as FrameRecord
    const { name, script } = functions[index] as Tables['functions'][number]
    const file = fileOfUrl((scripts[script] as Tables['scripts'][number]).url)
    list.push({ function: name || '(anonymous)', file, line, column, approximate })
  }
  return list
}

type FrameRecord = Tables['frames'][number]

/** Source texts by root: a file is read once. */
export class SourceTexts {
  readonly #byRoot = new Map<string, SourceText>()

  add(trace: Trace, root: string): SourceTrace {
    let text = this.#byRoot.get(root)
    if (text === undefined) {
      text = new SourceText(root)
      this.#byRoot.set(root, text)
    }
    const lines = text
    const frames = trace.frames.map((frame) => ({ ...frame, source: lines.line(frame.file, frame.line) }))
    return { ...trace, frames }
  }
}

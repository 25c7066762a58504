import { addStacks } from '../../export/read-stacks.js'
import { StackTree } from '../../export/stack-tree.js'
import type { FileKind } from '../../frames/classify.js'
import { classify } from '../../frames/classify.js'
import type { SourceText } from '../../frames/source-text.js'
import { recordingOf } from '../../reader/recording-of.js'
import type { Reader } from '../../reader.js'
import { printable } from '../../text/printable.js'
import { KINDS, type StackColumns } from './format.js'

/** A longer line of source is no help in a table. */
const LONGEST_TEXT = 120

/** How files are named, and where their texts are. */
export interface SourcePlaces {
  /** A path as people read it. */
  readonly nameOf: (file: string) => string
  /** None: no line of source is shown. */
  readonly sources: SourceText | undefined
}

/** The page's number of each trace of a recording; -1 where heapproof itself allocated, which is nobody's. */
export type TraceNumbers = Int32Array

/** Stacks of the recordings of a page. Frames that differ in their column alone are one line. */
export class PageStacks {
  readonly #tree = new StackTree()
  readonly #traces = new Map<number, number>()
  readonly #traceNodes: number[] = []
  readonly #traceDomains: number[] = []

  add(reader: Reader): TraceNumbers {
    const { tables } = recordingOf(reader)
    const exact = new StackTree()
    const { nodes, own } = addStacks(tables, exact)
    const frames = exact.frames.map((frame) => this.#tree.frame({ ...frame, column: 0, approximate: false }))
    const lines = new Uint32Array(exact.parents.length)
    for (let node = 1; node < lines.length; node++) {
      const frame = frames[exact.nodeFrames[node] as number] as number
      lines[node] = this.#tree.node(lines[exact.parents[node] as number] as number, frame)
    }
    return Int32Array.from(nodes, (node, trace) =>
      own[trace] === 1 ? -1 : this.#number(lines[node] as number, tables.traceDomains[trace] as number),
    )
  }

  /** Names and lines of source, each once, and the columns. */
  columns({ nameOf, sources }: SourcePlaces): { texts: PageTexts; columns: StackColumns } {
    const [names, files, texts] = [new Texts(), new Texts(), new Texts()]
    texts.index('')
    const { frames, parents, nodeFrames } = this.#tree
    const kinds: readonly FileKind[] = KINDS
    return {
      columns: {
        frameNames: Uint32Array.from(frames, (frame) => names.index(printable(frame.function))),
        frameFiles: Uint32Array.from(frames, ({ file }) => files.index(printable(nameOf(file)))),
        frameLines: Uint32Array.from(frames, ({ line }) => Math.min(line, 2 ** 32 - 1)),
        frameKinds: Uint8Array.from(frames, ({ file }) => kinds.indexOf(classify(file))),
        frameTexts: Uint32Array.from(frames, ({ file, line }) => {
          const text = line > 0 ? (sources?.line(file, line) ?? '') : ''
          return texts.index(printable(text.trim().slice(0, LONGEST_TEXT)))
        }),
        nodeParents: Uint32Array.from(parents),
        nodeFrames: Uint32Array.from(nodeFrames),
        traceNodes: Uint32Array.from(this.#traceNodes),
        traceDomains: Uint8Array.from(this.#traceDomains),
      },
      texts: { names: names.list, files: files.list, texts: texts.list },
    }
  }

  #number(node: number, domain: number): number {
    const key = node * 4 + domain
    let trace = this.#traces.get(key)
    if (trace === undefined) {
      trace = this.#traceNodes.push(node) - 1
      this.#traceDomains.push(domain)
      this.#traces.set(key, trace)
    }
    return trace
  }
}

export interface PageTexts {
  readonly names: readonly string[]
  readonly files: readonly string[]
  readonly texts: readonly string[]
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

import { addStacks } from '../../export/read-stacks.js'
import { StackTree } from '../../export/stack-tree.js'
import { recordingOf } from '../../reader/recording-of.js'
import type { Reader } from '../../reader.js'
import type { PageTexts, StackColumns } from './format.js'
import { frameColumns, type SourcePlaces } from './frames.js'

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
  columns(places: SourcePlaces): { texts: PageTexts; columns: StackColumns } {
    const { frames, parents, nodeFrames } = this.#tree
    const { texts, columns } = frameColumns(frames, places)
    return {
      columns: {
        ...columns,
        nodeParents: Uint32Array.from(parents),
        nodeFrames: Uint32Array.from(nodeFrames),
        traceNodes: Uint32Array.from(this.#traceNodes),
        traceDomains: Uint8Array.from(this.#traceDomains),
      },
      texts,
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

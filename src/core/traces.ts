import type { Tables } from './format/hpm.js'
import { isOfProgram } from './frames/classify.js'
import { type FindMapper, FrameResolver } from './frames/resolve.js'
import { DOMAINS, type Domain, type Frame, type Trace } from './types.js'

const UNKNOWN_TRACE: Trace = Object.freeze({
  index: 0,
  domain: 'heap',
  frames: Object.freeze([]),
  truncated: false,
})

/** The stacks of a recording or of a live view, by index. Frames are made when they are asked for, each once. */
export class Traces {
  /** How many there are: 1 to `count`. */
  readonly count: number
  readonly #tables: Tables
  readonly #frames: FrameResolver
  /** By node, where somebody has asked. */
  readonly #bare: boolean[] = []

  constructor(tables: Tables, findMapper?: FindMapper) {
    this.count = tables.traceNodes.length - 1
    this.#tables = tables
    this.#frames = new FrameResolver(tables, findMapper)
  }

  /** The stack with this index. Any index without a trace gives the unknown trace: index 0, domain heap, no frames. */
  at(index: number): Trace {
    return this.#stack(index, () => false)
  }

  /**
   * The same without the frames of Node, of a runner and of heapproof at its root, if it has others: in a test they are
   * most of each stack and the same in all, and no line is charged with anything because of them.
   */
  withoutRoot(index: number): Trace {
    const leaf = this.#tables.traceNodes[index] ?? 0
    return this.#isBare(leaf) ? this.at(index) : this.#stack(index, (node) => this.#isBare(node))
  }

  #stack(index: number, endsBefore: (node: number) => boolean): Trace {
    const { traceNodes, traceTruncated, nodeParents } = this.#tables
    if (!(Number.isInteger(index) && index >= 1 && index <= this.count)) return UNKNOWN_TRACE
    const frames: Frame[] = []
    let node = traceNodes[index] as number
    while (node !== 0 && !endsBefore(node)) {
      frames.push(this.#frameOf(node))
      node = nodeParents[node] as number
    }
    return { index, domain: this.domainOf(index), frames, truncated: traceTruncated[index] as boolean }
  }

  #frameOf(node: number): Frame {
    return this.#frames.frame(this.#tables.nodeFrames[node] as number)
  }

  /** Whether neither this frame nor any of its callers is somebody's own code or a package's. */
  #isBare(node: number): boolean {
    if (node === 0) return true
    const above = () => this.#isBare(this.#tables.nodeParents[node] as number)
    this.#bare[node] ??= !isOfProgram(this.#frameOf(node).file) && above()
    return this.#bare[node]
  }

  /** The domain of a trace, without its frames: fast. */
  domainOf(index: number): Domain {
    return DOMAINS[this.#tables.traceDomains[index] ?? 0] as Domain
  }
}

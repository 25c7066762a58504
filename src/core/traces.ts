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
  #bare: Uint8Array | undefined

  constructor(tables: Tables, findMapper?: FindMapper) {
    this.count = tables.traceNodes.length - 1
    this.#tables = tables
    this.#frames = new FrameResolver(tables, findMapper)
  }

  /** The stack with this index. Any index without a trace gives the unknown trace: index 0, domain heap, no frames. */
  at(index: number): Trace {
    return this.#stack(index, undefined)
  }

  /**
   * The same without the frames of Node, of a runner and of heapproof at its root, if it has others: in a test they are
   * most of each stack and the same in all, and no line is charged with anything because of them.
   */
  withoutRoot(index: number): Trace {
    this.#bare ??= this.#findBare()
    const leaf = this.#tables.traceNodes[index] ?? 0
    return this.#stack(index, this.#bare[leaf] === 1 ? undefined : this.#bare)
  }

  /** @param ends nodes that are not part of it any more, by number; nor are their callers. */
  #stack(index: number, ends: Uint8Array | undefined): Trace {
    const { traceNodes, traceTruncated, nodeParents, nodeFrames } = this.#tables
    if (!(Number.isInteger(index) && index >= 1 && index <= this.count)) return UNKNOWN_TRACE
    const frames: Frame[] = []
    let node = traceNodes[index] as number
    while (node !== 0 && ends?.[node] !== 1) {
      frames.push(this.#frames.frame(nodeFrames[node] as number))
      node = nodeParents[node] as number
    }
    return { index, domain: this.domainOf(index), frames, truncated: traceTruncated[index] as boolean }
  }

  /** 1 for each node whose frame is not somebody's own code or a package's, nor that of any of its callers. */
  #findBare(): Uint8Array {
    const { nodeParents, nodeFrames } = this.#tables
    const bare = new Uint8Array(nodeParents.length)
    bare[0] = 1 // the root
    // A caller comes before what it calls.
    for (let node = 1; node < bare.length; node++) {
      if (bare[nodeParents[node] as number] === 0) continue
      bare[node] = isOfProgram(this.#frames.frame(nodeFrames[node] as number).file) ? 0 : 1
    }
    return bare
  }

  /** The domain of a trace, without its frames: fast. */
  domainOf(index: number): Domain {
    return DOMAINS[this.#tables.traceDomains[index] ?? 0] as Domain
  }
}

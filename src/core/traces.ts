import type { Tables } from './format/hpm.js'
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

  constructor(tables: Tables, findMapper?: FindMapper) {
    this.count = tables.traceNodes.length - 1
    this.#tables = tables
    this.#frames = new FrameResolver(tables, findMapper)
  }

  /** The stack with this index. Any index without a trace gives the unknown trace: index 0, domain heap, no frames. */
  at(index: number): Trace {
    const { traceNodes, traceTruncated, nodeParents, nodeFrames } = this.#tables
    if (!(Number.isInteger(index) && index >= 1 && index <= this.count)) return UNKNOWN_TRACE
    const frames: Frame[] = []
    for (let node = traceNodes[index] as number; node !== 0; node = nodeParents[node] as number) {
      frames.push(this.#frames.frame(nodeFrames[node] as number))
    }
    return { index, domain: this.domainOf(index), frames, truncated: traceTruncated[index] as boolean }
  }

  /** The domain of a trace, without its frames: fast. */
  domainOf(index: number): Domain {
    return DOMAINS[this.#tables.traceDomains[index] ?? 0] as Domain
  }
}

import { describeFlame } from '../flamegraph/describe.js'
import { type FlameFrame, type FlameTree, frameKey } from '../flamegraph/flame-tree.js'
import type { FlameGraph } from '../flamegraph/of-view.js'
import { stackKey } from '../format/stack-keys.js'

/** A line of a function. Node 0 is the program, which calls what is lowest on the stacks. */
export interface FlowNode extends FlameFrame {
  /** Bytes of stacks that end here. */
  readonly self: number
  /** Bytes of stacks that come through here, each once however often it does: never more than all. */
  readonly total: number
}

/** Bytes of stacks on which one line calls another, each once. */
export interface FlowEdge {
  /** Indexes of nodes. */
  readonly from: number
  readonly to: number
  readonly bytes: number
}

/** Which lines call which, and how many bytes each of them comes to. Estimates, with fractions. */
export interface FlowGraph {
  /** Node 0 first, then the one with the greatest total; of equal ones that with less of its own, which calls the other. */
  readonly nodes: readonly FlowNode[]
  /** In the order of the nodes they are between. */
  readonly edges: readonly FlowEdge[]
  /** Bytes of all stacks. */
  readonly total: number
  /** What the bytes are: `live at 1.5 s`. */
  readonly label: string
}

/**
 * The flow graph of a flame graph, which has every stack once.
 *
 *    main → walk → walk → read 8 B       walk: self 0, total 8, not 16
 *                                        edges: main → walk 8, walk → walk 8, walk → read 8
 */
export function flowGraphOf(flame: FlameGraph): FlowGraph {
  const sums = new Sums(flame.frames.length)
  const path: number[] = []
  for (let node = 1; node < flame.parents.length; node++) {
    while (path.length >= (flame.depths[node] as number)) sums.leave(path)
    path.push(flame.nodeFrames[node] as number)
    sums.enter(path, flame.self[node] as number, flame.total[node] as number)
  }
  return sums.graph(flame, flame.total[0] as number, describeFlame(flame))
}

/** Numbers frames by their index in the flame graph, and the program by the number after the last of them. */
class Sums {
  readonly #program: number
  readonly #self: Float64Array
  readonly #total: Float64Array
  readonly #isReached: Uint8Array
  readonly #edges = new Map<number, { from: number; to: number; bytes: number }>()
  /** How often the present stack goes through a frame and along an edge. */
  readonly #onPath: Uint32Array
  readonly #onPathEdges = new Map<number, number>()

  constructor(frames: number) {
    this.#program = frames
    this.#self = new Float64Array(frames + 1)
    this.#total = new Float64Array(frames + 1)
    this.#isReached = new Uint8Array(frames + 1)
    this.#onPath = new Uint32Array(frames + 1)
  }

  enter(path: readonly number[], self: number, total: number): void {
    const { from, to, key } = this.#last(path)
    this.#isReached[to] = 1
    this.#self[to] = (this.#self[to] as number) + self
    if (this.#onPath[to] === 0) this.#total[to] = (this.#total[to] as number) + total
    this.#onPath[to] = (this.#onPath[to] as number) + 1
    const times = this.#onPathEdges.get(key) ?? 0
    this.#onPathEdges.set(key, times + 1)
    if (times > 0) return
    const edge = this.#edges.get(key)
    if (edge === undefined) this.#edges.set(key, { from, to, bytes: total })
    else edge.bytes += total
  }

  leave(path: number[]): void {
    const { to, key } = this.#last(path)
    path.pop()
    this.#onPath[to] = (this.#onPath[to] as number) - 1
    const times = this.#onPathEdges.get(key) as number
    if (times > 1) this.#onPathEdges.set(key, times - 1)
    else this.#onPathEdges.delete(key)
  }

  graph({ frames }: FlameTree, total: number, label: string): FlowGraph {
    const reached = frames.flatMap((frame, index) =>
      this.#isReached[index] === 0
        ? []
        : [
            {
              index,
              node: { ...frame, self: this.#self[index] as number, total: this.#total[index] as number },
            },
          ],
    )
    reached.sort(
      (a, b) => b.node.total - a.node.total || a.node.self - b.node.self || compared(a.node, b.node),
    )
    const places = new Map(reached.map(({ index }, place) => [index, place + 1]))
    places.set(this.#program, 0)
    const edges = Array.from(this.#edges.values(), ({ from, to, bytes }) =>
      Object.freeze({ from: places.get(from) as number, to: places.get(to) as number, bytes }),
    )
    edges.sort((a, b) => a.from - b.from || a.to - b.to)
    const program = { function: '(program)', file: '', line: 0, self: 0, total }
    const nodes = [program, ...reached.map(({ node }) => node)].map((node) => Object.freeze(node))
    return Object.freeze({ nodes: Object.freeze(nodes), edges: Object.freeze(edges), total, label })
  }

  #last(path: readonly number[]): { from: number; to: number; key: number } {
    const from = path.at(-2) ?? this.#program
    const to = path.at(-1) as number
    return { from, to, key: stackKey(from, to) }
  }
}

/** By code units: the same in every locale. */
function compared(a: FlameFrame, b: FlameFrame): number {
  const [left, right] = [frameKey(a), frameKey(b)]
  return left < right ? -1 : Number(left > right)
}

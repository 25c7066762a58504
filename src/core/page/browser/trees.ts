import { KINDS } from '../data/format.js'
import type { StackData } from './data.js'

/**
 * Stacks as a tree of boxes, in the order of drawing: a node, then all below it; siblings by what they allocated in the
 * whole recording, so that no box changes its place when the span moves. Node 0 is all of it. The nodes below n are n + 1
 * to ends[n] - 1.
 */
export interface Tree {
  readonly frames: Uint32Array
  readonly parents: Uint32Array
  readonly ends: Uint32Array
  readonly depths: Uint32Array
  /** By trace: the node that its stack ends in. */
  readonly traceNodes: Uint32Array
}

/** How stacks are looked at. */
export interface Look {
  /** With the frames of Node, of test runners and of machine code; else what they allocate is their caller's. */
  readonly inner: boolean
  /** Leaf first. */
  readonly inverted: boolean
}

/** Makes trees, each once, and the lists of frames that they are made of. */
export class Trees {
  readonly #data: StackData
  readonly #weights: Float64Array
  readonly #stacks = new Map<boolean, Stacks>()
  readonly #trees = new Map<string, Tree>()

  /** `weights` are by trace: siblings are in their order. */
  constructor(data: StackData, weights: Float64Array) {
    this.#data = data
    this.#weights = weights
  }

  tree({ inner, inverted }: Look): Tree {
    const key = `${inner} ${inverted}`
    let tree = this.#trees.get(key)
    if (tree === undefined) {
      const stacks = this.stacks(inner)
      tree = ordered(inverted ? turned(stacks) : stacks, this.#weights)
      this.#trees.set(key, tree)
    }
    return tree
  }

  /** The stacks, root first, in the order in which they were recorded. */
  stacks(inner: boolean): Stacks {
    let stacks = this.#stacks.get(inner)
    if (stacks === undefined) {
      stacks = inner ? allFrames(this.#data) : outerFrames(this.#data)
      this.#stacks.set(inner, stacks)
    }
    return stacks
  }
}

/** A parent comes before its children. */
export interface Stacks {
  readonly frames: ArrayLike<number>
  readonly parents: ArrayLike<number>
  readonly traceNodes: ArrayLike<number>
}

/** Whether a frame is of the user or of a dependency: others are no place that anybody can change. */
export function isOuter({ stacks }: StackData, frame: number): boolean {
  const kind = KINDS[stacks.frameKinds[frame] as number]
  return frame !== 0 && (kind === 'user' || kind === 'dependency')
}

function allFrames({ stacks }: StackData): Stacks {
  const nodes = new Nodes()
  const places = new Uint32Array(stacks.nodeParents.length)
  for (let node = 1; node < places.length; node++) {
    places[node] = nodes.child(
      places[stacks.nodeParents[node] as number] as number,
      stacks.nodeFrames[node] as number,
    )
  }
  // A stack that is not known is one box, not all of them.
  const unknown = stacks.traceNodes.includes(0 as never) ? nodes.child(0, 0) : 0
  return nodes.stacks(
    Uint32Array.from(stacks.traceNodes, (node) => (node === 0 ? unknown : (places[node] as number))),
  )
}

/** Without inner frames. A stack of nothing else keeps its leaf. */
function outerFrames(data: StackData): Stacks {
  const { nodeParents, nodeFrames, traceNodes } = data.stacks
  const nodes = new Nodes()
  const places = new Uint32Array(nodeParents.length)
  for (let node = 1; node < places.length; node++) {
    const parent = places[nodeParents[node] as number] as number
    const frame = nodeFrames[node] as number
    places[node] = isOuter(data, frame) ? nodes.child(parent, frame) : parent
  }
  return nodes.stacks(
    Uint32Array.from(traceNodes, (node) => {
      const place = places[node] as number
      return place === 0 ? nodes.child(0, nodeFrames[node] as number) : place
    }),
  )
}

function turned({ frames, parents, traceNodes }: Stacks): Stacks {
  const nodes = new Nodes()
  const known = new Map<number, number>()
  return nodes.stacks(
    Uint32Array.from(traceNodes, (start) => {
      let end = known.get(start)
      if (end === undefined) {
        end = 0
        for (let node = start; node !== 0; node = parents[node] as number)
          end = nodes.child(end, frames[node] as number)
        known.set(start, end)
      }
      return end
    }),
  )
}

class Nodes {
  readonly #frames = [0]
  readonly #parents = [0]
  readonly #known = new Map<number, number>()

  child(parent: number, frame: number): number {
    const key = parent * 2 ** 26 + frame
    let node = this.#known.get(key)
    if (node === undefined) {
      node = this.#parents.push(parent) - 1
      this.#frames.push(frame)
      this.#known.set(key, node)
    }
    return node
  }

  stacks(traceNodes: Uint32Array): Stacks {
    return { frames: this.#frames, parents: this.#parents, traceNodes }
  }
}

/** What each node has with all below it. `self` is by trace. */
export function totalsOf({ parents, traceNodes }: Stacks, self: Float64Array): Float64Array {
  const totals = new Float64Array(parents.length)
  for (let trace = 0; trace < self.length; trace++) {
    const node = traceNodes[trace] as number
    totals[node] = (totals[node] as number) + (self[trace] as number)
  }
  for (let node = parents.length - 1; node > 0; node--) {
    const parent = parents[node] as number
    totals[parent] = (totals[parent] as number) + (totals[node] as number)
  }
  return totals
}

function ordered(stacks: Stacks, weights: Float64Array): Tree {
  const totals = totalsOf(stacks, weights)
  const count = totals.length
  const children: number[][] = Array.from({ length: count }, () => [])
  for (let node = 1; node < count; node++) children[stacks.parents[node] as number]?.push(node)
  const places = new Uint32Array(count)
  const frames = new Uint32Array(count)
  const parents = new Uint32Array(count)
  const depths = new Uint32Array(count)
  const waiting = [0]
  let place = 0
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop(), place++) {
    places[node] = place
    frames[place] = stacks.frames[node] as number
    if (node !== 0) {
      const parent = places[stacks.parents[node] as number] as number
      parents[place] = parent
      depths[place] = (depths[parent] as number) + 1
    }
    const below = children[node] as number[]
    below.sort((a, b) => (totals[a] as number) - (totals[b] as number) || b - a) // the last one is next
    for (const child of below) waiting.push(child)
  }
  const ends = Uint32Array.from({ length: count }, (_, node) => node + 1)
  for (let node = count - 1; node > 0; node--) {
    const parent = parents[node] as number
    ends[parent] = Math.max(ends[parent] as number, ends[node] as number)
  }
  const traceNodes = Uint32Array.from(stacks.traceNodes, (node) => places[node] as number)
  return { frames, parents, ends, depths, traceNodes }
}

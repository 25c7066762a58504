import { stackKey } from '../format/stack-keys.js'
import type { Frame } from '../types.js'

/** A line of a function: calls from several columns of it are one. */
export type FlameFrame = Pick<Frame, 'function' | 'file' | 'line'>

/** A text that equal frames have in common, and no others. */
export function frameKey({ function: name, file, line }: FlameFrame): string {
  return `${line}:${file.length}:${file}:${name}`
}

/**
 * Stacks as a flame graph draws them. Nodes are in the order of drawing: a node, then all below it, the greatest branch
 * first, so that a list is all it takes, however deep or many they are.
 *
 *    all 700                   node 0   parent 0   ends 4
 *      main (main.js:9) 700    node 1   parent 0   ends 4
 *        b (main.js:7) 500     node 2   parent 1   ends 3
 *        a (a.js:2) 200        node 3   parent 1   ends 4
 *
 * The nodes below node n are n + 1 to ends[n] - 1. The first child of n is n + 1, if that is below it, and the next
 * sibling of a child c is ends[c].
 */
export interface FlameTree {
  /** Frame 0 stands for a stack that is not known. */
  readonly frames: readonly FlameFrame[]
  /** The frame of each node; node 0, which is all of it, has none, and says 0. */
  readonly nodeFrames: Readonly<Uint32Array>
  readonly parents: Readonly<Uint32Array>
  readonly ends: Readonly<Uint32Array>
  readonly depths: Readonly<Uint32Array>
}

/** Bytes of each node: of stacks that end there, and of those that go through it. */
export interface FlameBytes {
  readonly self: Readonly<Float64Array>
  readonly total: Readonly<Float64Array>
}

/** Stacks as they are read: a parent comes before its children; node 0 is above all roots, frame 0 is not known. */
export interface Stacks {
  readonly frames: readonly FlameFrame[]
  readonly nodeFrames: ArrayLike<number>
  readonly parents: ArrayLike<number>
}

/**
 * Makes a flame tree of stacks, with bytes in as many columns as are given; `columns[c][n]` are the bytes of the stack
 * that ends in node n, those of node 0 of stacks that are not known. Nodes without bytes in any column are left out.
 *
 * Cost: time and memory grow with the number of nodes; a million of them take about a second. It imports nothing of Node, so that
 * a page can use it.
 */
export function flameTree(
  stacks: Stacks,
  columns: readonly ArrayLike<number>[],
): { readonly tree: FlameTree; readonly bytes: readonly FlameBytes[] } {
  const { frames, frameOf } = linesOf(stacks.frames)
  const nodes = new Nodes(columns.length)
  const nodeOf = new Uint32Array(stacks.parents.length)
  for (let stack = 0; stack < nodeOf.length; stack++) {
    if (stack > 0) {
      const frame = frameOf[stacks.nodeFrames[stack] as number] as number
      nodeOf[stack] = nodes.child(nodeOf[stacks.parents[stack] as number] as number, frame)
    }
    columns.forEach((column, index) => {
      const bytes = column[stack] as number
      // A damaged file can come to Infinity, and that minus itself is no number.
      if (bytes > 0) nodes.add(stack === 0 ? nodes.child(0, 0) : (nodeOf[stack] as number), index, bytes)
    })
  }
  return nodes.build(frames)
}

/** Frames that differ in their column alone are one line. */
function linesOf(all: readonly FlameFrame[]): { frames: FlameFrame[]; frameOf: Uint32Array } {
  const frames: FlameFrame[] = []
  const known = new Map<string, number>()
  const frameOf = Uint32Array.from(all, ({ function: name, file, line }) => {
    const key = frameKey({ function: name, file, line })
    let index = known.get(key)
    if (index === undefined) {
      index = frames.push(Object.freeze({ function: name, file, line })) - 1
      known.set(key, index)
    }
    return index
  })
  return { frames, frameOf }
}

class Nodes {
  readonly #parents = [0]
  readonly #frames = [0]
  readonly #selves: number[][]
  readonly #known = new Map<number, number>()

  constructor(columns: number) {
    this.#selves = Array.from({ length: columns }, () => [0])
  }

  child(parent: number, frame: number): number {
    const key = stackKey(parent, frame)
    let node = this.#known.get(key)
    if (node === undefined) {
      node = this.#parents.push(parent) - 1
      this.#frames.push(frame)
      for (const self of this.#selves) self.push(0)
      this.#known.set(key, node)
    }
    return node
  }

  add(node: number, column: number, bytes: number): void {
    const self = this.#selves[column] as number[]
    self[node] = Math.min(Number.MAX_VALUE, (self[node] as number) + bytes)
  }

  build(frames: readonly FlameFrame[]): { tree: FlameTree; bytes: readonly FlameBytes[] } {
    const parents = Uint32Array.from(this.#parents)
    const selves = this.#selves.map((self) => Float64Array.from(self))
    const totals = selves.map((self) => totalsOf(self, parents))
    const order = drawingOrder(parents, greatestOf(totals))
    const places = new Uint32Array(parents.length)
    order.forEach((node, place) => {
      places[node] = place
    })
    const placed = order.map((node) => places[parents[node] as number] as number)
    const tree = {
      frames: Object.freeze(frames),
      nodeFrames: order.map((node) => this.#frames[node] as number),
      parents: placed,
      ends: endsOf(placed),
      depths: depthsOf(placed),
    }
    const bytes = selves.map((self, column) =>
      Object.freeze({ self: inOrder(self, order), total: inOrder(totals[column] as Float64Array, order) }),
    )
    return { tree: Object.freeze(tree), bytes }
  }
}

function inOrder(values: Float64Array, order: Uint32Array): Float64Array {
  const ordered = new Float64Array(order.length)
  order.forEach((node, place) => {
    ordered[place] = values[node] as number
  })
  return ordered
}

function totalsOf(self: Float64Array, parents: Uint32Array): Float64Array {
  const totals = self.slice()
  for (let node = totals.length - 1; node > 0; node--) {
    const parent = parents[node] as number
    totals[parent] = Math.min(Number.MAX_VALUE, (totals[parent] as number) + (totals[node] as number))
  }
  return totals
}

function greatestOf(totals: readonly Float64Array[]): Float64Array {
  const [first = new Float64Array(1), ...others] = totals
  return first.map((total, node) =>
    others.reduce((most, list) => Math.max(most, list[node] as number), total),
  )
}

/** The nodes with bytes: each before those below it, siblings by their bytes, equal ones as they came. */
function drawingOrder(parents: Uint32Array, totals: Float64Array): Uint32Array {
  // The children of a node are a chain: the last one that came, and from each the one that came before.
  const lastChild = new Uint32Array(parents.length)
  const previous = new Uint32Array(parents.length)
  for (let node = 1; node < parents.length; node++) {
    if ((totals[node] as number) <= 0) continue
    const parent = parents[node] as number
    previous[node] = lastChild[parent] as number
    lastChild[parent] = node
  }
  const order = new Uint32Array(parents.length)
  const waiting = [0]
  let count = 0
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    order[count++] = node
    const below: number[] = []
    for (let child = lastChild[node] as number; child !== 0; child = previous[child] as number) {
      below.push(child)
    }
    below.sort((a, b) => (totals[a] as number) - (totals[b] as number) || b - a) // the last one is next
    for (const child of below) waiting.push(child)
  }
  return order.slice(0, count)
}

function endsOf(parents: Uint32Array): Uint32Array {
  const ends = parents.map((_, node) => node + 1)
  for (let node = parents.length - 1; node > 0; node--) {
    const parent = parents[node] as number
    ends[parent] = Math.max(ends[parent] as number, ends[node] as number)
  }
  return ends
}

function depthsOf(parents: Uint32Array): Uint32Array {
  const depths = new Uint32Array(parents.length)
  for (let node = 1; node < depths.length; node++)
    depths[node] = (depths[parents[node] as number] as number) + 1
  return depths
}

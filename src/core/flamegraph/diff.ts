import { HeapproofError } from '../errors.js'
import { StackTree } from '../export/stack-tree.js'
import { checkFlame } from './check.js'
import { type FlameBytes, type FlameTree, flameTree } from './flame-tree.js'
import type { FlameGraph } from './of-view.js'

/** One of two flame graphs: its bytes, and what they are. */
export interface FlameSide extends FlameBytes, Pick<FlameGraph, 'value' | 'from' | 'at' | 'time'> {}

/** Two flame graphs on one tree. What is in one of them alone has no bytes in the other. */
export interface FlameDiff extends FlameTree {
  readonly before: FlameSide
  readonly after: FlameSide
}

/**
 * What grew and what shrank, from one flame graph to another: of two times of a recording, or of two recordings. Stacks
 * are the same when functions, files and lines are; branches are in the order of the greater of the two.
 *
 * @throws HeapproofError `invalid-argument` when one is no flame graph, or they are not of the same value.
 */
export function diffFlameGraphs(before: FlameGraph, after: FlameGraph): FlameDiff {
  for (const graph of [before, after]) checkFlame('diffFlameGraphs', graph)
  if (before.value !== after.value) {
    throw refused(`one is of ${before.value} bytes, the other of ${after.value}`)
  }
  const stacks = new StackTree()
  const nodes = [before, after].map((graph) => addTo(stacks, graph))
  const columns = [before, after].map(({ self }, index) => {
    const column = new Float64Array(stacks.parents.length)
    nodes[index]?.forEach((node, at) => {
      column[node] = self[at] as number
    })
    return column
  })
  const { tree, bytes } = flameTree(stacks, columns)
  const [left, right] = bytes as [FlameBytes, FlameBytes]
  return Object.freeze({ ...tree, before: sideOf(before, left), after: sideOf(after, right) })
}

function sideOf({ value, from, at, time }: FlameGraph, bytes: FlameBytes): FlameSide {
  return Object.freeze({ ...bytes, value, from, at, time })
}

/** The node of the common tree for each node of a graph. */
function addTo(stacks: StackTree, { frames, nodeFrames, parents }: FlameTree): Uint32Array {
  const indexes = frames.map((frame) => stacks.frame({ ...frame, column: 0, approximate: false }))
  const nodes = new Uint32Array(parents.length)
  for (let node = 1; node < nodes.length; node++) {
    const frame = indexes[nodeFrames[node] as number] as number
    nodes[node] = stacks.node(nodes[parents[node] as number] as number, frame)
  }
  return nodes
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', `diffFlameGraphs: ${sentence}`)
}

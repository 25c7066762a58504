import type { FlameTree } from './flame-tree.js'

/** A stack of a flame graph that has bytes of its own. */
export interface FlameStack {
  readonly node: number
  /** Indexes of frames, root first. Valid until the next stack: it is the same list every time. */
  readonly frames: readonly number[]
}

/** The stacks that end in the nodes which `has` bytes of their own, in the order of drawing. */
export function* stacksOf(
  { parents, nodeFrames, depths }: FlameTree,
  has: (node: number) => boolean,
): Generator<FlameStack, void, undefined> {
  const frames: number[] = []
  for (let node = 1; node < parents.length; node++) {
    frames.length = (depths[node] as number) - 1
    frames.push(nodeFrames[node] as number)
    if (has(node)) yield { node, frames }
  }
}

import type { FlameTree } from '../../flamegraph/flame-tree.js'
import type { FlameHead } from './format.js'
import { frameColumns } from './frames.js'
import { pack } from './pack.js'

/** The data of a page with a flame graph alone; `states` are bytes by node. Nodes without bytes of their own are no traces. */
export function flameData(
  { frames, nodeFrames, parents }: FlameTree,
  states: readonly Readonly<Float64Array>[],
  nameOf: (file: string) => string,
): string {
  const traces = Uint32Array.from(parents.keys()).filter((node) =>
    states.some((bytes) => (bytes[node] as number) > 0),
  )
  const { texts, columns } = frameColumns(frames, { nameOf, sources: undefined })
  return pack<FlameHead>((place) => ({
    ...texts,
    stacks: place({
      ...columns,
      nodeParents: Uint32Array.from(parents),
      nodeFrames: Uint32Array.from(nodeFrames),
      traceNodes: traces,
    }),
    states: states.map((bytes) =>
      place({ bytes: Float64Array.from(traces, (node) => bytes[node] as number) }),
    ),
  }))
}

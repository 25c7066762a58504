import type { Tables } from '../format/hpm.js'
import { fileOfUrl } from '../frames/file.js'
import { FrameResolver } from '../frames/resolve.js'
import { ownership } from '../reduce/places.js'
import type { Frame } from '../types.js'
import type { StackTree } from './stack-tree.js'

/** The stacks of one recording, in a tree. Both lists go by trace. */
export interface RecordedStacks {
  readonly nodes: ArrayLike<number>
  /** 1 where heapproof itself allocated: that is nobody's. */
  readonly own: Uint8Array
}

/**
 * Adds the stacks of a recording to a tree. Goes through the recording's nodes, not through its traces: 100,000 stacks
 * of 1,000 frames share most of them.
 */
export function addStacks(tables: Tables, tree: StackTree): RecordedStacks {
  const resolver = new FrameResolver(tables)
  const frames: number[] = []
  const owners: (boolean | undefined)[] = []
  const nodes = new Uint32Array(tables.nodeParents.length)
  // What the frames from this node to the root say of heapproof: the first that says anything holds.
  const ownNodes = new Uint8Array(nodes.length)
  for (let node = 1; node < nodes.length; node++) {
    const parent = tables.nodeParents[node] as number
    const index = tables.nodeFrames[node] as number
    if (frames[index] === undefined) {
      const frame = resolver.frame(index)
      frames[index] = tree.frame(frame, startOf(tables, index, frame))
      owners[index] = ownership(frame)
    }
    nodes[node] = tree.node(nodes[parent] as number, frames[index])
    ownNodes[node] = Number(owners[index] ?? ownNodes[parent] === 1)
  }
  const ofTrace = (list: ArrayLike<number>) => (node: number) => list[node] as number
  return {
    nodes: Uint32Array.from(tables.traceNodes, ofTrace(nodes)),
    own: Uint8Array.from(tables.traceNodes, ofTrace(ownNodes)),
  }
}

/** The line a function starts at, where the frame is in the file that was run: source maps are asked for calls alone. */
function startOf({ frames, functions, scripts }: Tables, index: number, frame: Frame): number {
  const record = frames[index] as Tables['frames'][number]
  const owner = functions[record.function] as Tables['functions'][number]
  const { url } = scripts[owner.script] as Tables['scripts'][number]
  return frame.file === fileOfUrl(url) && frame.line === record.line ? owner.line : 0
}

import { stackKey } from '../format/stack-keys.js'
import type { Frame } from '../types.js'

/** A frame, and the line its function starts at: 0 when that is not known. */
export interface PlacedFrame extends Frame {
  readonly start: number
}

const UNKNOWN: PlacedFrame = {
  function: '(unknown)',
  file: '',
  line: 0,
  column: 0,
  approximate: false,
  start: 0,
}

/**
 * Stacks of any number of profiles, equal ones kept once. A node is a frame and the node of its caller:
 *
 *    main (a.js:9)           node 1   parent 0
 *      read (a.js:3)         node 2   parent 1
 *      parse (b.js:7)        node 3   parent 1
 *
 * Node 0 is above all roots. A parent's index is always smaller than that of its child, so that a walk in the order of
 * the indexes meets callers first, and one in the opposite order callees.
 */
export class StackTree {
  /** By index. Frame 0 stands for a stack that is not known. */
  readonly frames: PlacedFrame[] = [UNKNOWN]
  readonly parents: number[] = [0]
  /** The frame of each node, as an index of `frames`. */
  readonly nodeFrames: number[] = [0]
  readonly #frameIndexes = new Map<string, number>()
  readonly #nodes = new Map<number, number>()

  /** The index of a frame; equal frames have the same one. */
  frame(frame: Frame, start = 0): number {
    const { function: name, file, line, column, approximate } = frame
    const key = `${line}:${column}:${start}:${approximate}:${file.length}:${file}:${name}`
    let index = this.#frameIndexes.get(key)
    if (index === undefined) {
      index = this.frames.push({ function: name, file, line, column, approximate, start }) - 1
      this.#frameIndexes.set(key, index)
    }
    return index
  }

  /** The node of a frame called from `parent`. */
  node(parent: number, frame: number): number {
    const key = stackKey(parent, frame)
    let index = this.#nodes.get(key)
    if (index === undefined) {
      index = this.parents.push(parent) - 1
      this.nodeFrames.push(frame)
      this.#nodes.set(key, index)
    }
    return index
  }

  /** The frames of a stack as indexes, leaf first. A stack without frames is frame 0. */
  stack(node: number): number[] {
    const frames: number[] = []
    for (let at = node; at !== 0; at = this.parents[at] as number) frames.push(this.nodeFrames[at] as number)
    return frames.length > 0 ? frames : [0]
  }
}

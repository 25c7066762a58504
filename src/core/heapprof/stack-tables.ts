import { Tables } from '../format/hpm.js'

/** Beyond this, equal things are kept twice: a Map of JavaScript ends at 2^24 entries. */
const MOST_SHARED = 2 ** 23
const LINES = 2 ** 32
const SCRIPTS = 2 ** 21
const FRAMES = 2 ** 26
const NODES = 2 ** 27

/**
 * Makes the tables of a recording out of stacks that are written in full each time. Files, lines and beginnings of
 * stacks that are the same are kept once.
 */
export class StackTables {
  readonly tables = new Tables()
  readonly #scripts = new Map<string, number>()
  readonly #frames = new Map<number, number>()
  readonly #nodes = new Map<number, number>()

  /** The frame of a line. Nothing is known of its function. */
  frame(file: string, line: number): number {
    const { frames } = this.tables
    const owner = this.#script(file)
    const key = owner * LINES + line
    const known = owner < SCRIPTS ? this.#frames.get(key) : undefined
    if (known !== undefined) return known
    frames.push({ approximate: false, function: owner, line, column: 0 })
    if (owner < SCRIPTS && this.#frames.size < MOST_SHARED) this.#frames.set(key, frames.length - 1)
    return frames.length - 1
  }

  /** Adds a trace of frames, leaf first. */
  trace(frames: readonly number[]): void {
    let node = 0
    for (let index = frames.length - 1; index >= 0; index--) node = this.#node(node, frames[index] as number)
    const { traceNodes, traceDomains, traceTruncated } = this.tables
    traceNodes.push(node)
    traceDomains.push(0)
    traceTruncated.push(false)
  }

  #node(parent: number, frame: number): number {
    const { nodeParents, nodeFrames } = this.tables
    const key = parent * FRAMES + frame
    const shared = parent < NODES && frame < FRAMES
    const known = shared ? this.#nodes.get(key) : undefined
    if (known !== undefined) return known
    nodeParents.push(parent)
    nodeFrames.push(frame)
    if (shared && this.#nodes.size < MOST_SHARED) this.#nodes.set(key, nodeParents.length - 1)
    return nodeParents.length - 1
  }

  /** A script, and a function of the same index that stands for all functions in it. */
  #script(file: string): number {
    const { scripts, functions } = this.tables
    const known = this.#scripts.get(file)
    if (known !== undefined) return known
    scripts.push({ url: file, sourceMapUrl: '' })
    functions.push({ script: scripts.length - 1, line: 0, column: 0, name: '(unknown)' })
    if (this.#scripts.size < MOST_SHARED) this.#scripts.set(file, scripts.length - 1)
    return scripts.length - 1
  }
}

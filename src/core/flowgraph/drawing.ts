import { type FlameFrame, frameKey } from '../flamegraph/flame-tree.js'
import type { FlowGraph } from './flow-graph.js'

/** A box: a line, or several that do nothing but call the next. Numbers are one for each graph that is compared. */
export interface Box {
  readonly lines: readonly FlameFrame[]
  /** Of the last line. */
  readonly self: readonly number[]
  /** Of the first one. */
  readonly total: readonly number[]
}

export interface Arrow {
  readonly from: Box
  readonly to: Box
  readonly bytes: readonly number[]
}

/** What is drawn of one graph or of several. */
export interface Drawing {
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
  readonly totals: readonly number[]
  readonly labels: readonly string[]
}

/** Shares of all bytes, from 0 to 1. */
export interface Smallest {
  readonly smallestNode: number
  readonly smallestEdge: number
}

/** Several graphs on the same boxes. */
export function drawingOf(graphs: readonly FlowGraph[]): Drawing {
  const boxes = new Map<string, { lines: FlameFrame[]; self: number[]; total: number[] }>()
  const arrows = new Map<string, { from: Box; to: Box; bytes: number[] }>()
  const zeros = (): number[] => graphs.map(() => 0)
  graphs.forEach(({ nodes, edges }, graph) => {
    const own = nodes.map((node, index) => {
      const { function: name, file, line, self, total } = node
      const key = index === 0 ? '' : frameKey(node)
      const box = boxes.get(key) ?? { lines: [{ function: name, file, line }], self: zeros(), total: zeros() }
      boxes.set(key, box)
      box.self[graph] = self
      box.total[graph] = total
      return { key, box }
    })
    for (const { from, to, bytes } of edges) {
      const [caller, callee] = [own[from], own[to]] as [(typeof own)[0], (typeof own)[0]]
      const key = `${caller.key}\0${callee.key}`
      const arrow = arrows.get(key) ?? { from: caller.box, to: callee.box, bytes: zeros() }
      arrows.set(key, arrow)
      arrow.bytes[graph] = bytes
    }
  })
  return {
    boxes: [...boxes.values()],
    arrows: [...arrows.values()],
    totals: graphs.map(({ total }) => total),
    labels: graphs.map(({ label }) => label),
  }
}

/** The greatest share in any of the graphs; nothing of nothing is 0. */
export function greatestShare(bytes: readonly number[], totals: readonly number[]): number {
  return Math.max(0, ...bytes.map((number, graph) => shareOf(number, totals[graph] as number)))
}

export function shareOf(bytes: number, total: number): number {
  return total > 0 && Number.isFinite(bytes / total) ? Math.min(1, bytes / total) : 0
}

/**
 * Leaves out boxes and arrows that are small in every graph. The greatest arrow into a box stays whatever its size, so
 * that a box that is called from many places does not look as if it were called from nowhere. The program stays when it
 * calls several boxes.
 */
export function withoutSmall(drawing: Drawing, { smallestNode, smallestEdge }: Smallest): Drawing {
  const { totals } = drawing
  const [program, ...others] = drawing.boxes
  const large = new Set(others.filter(({ total }) => greatestShare(total, totals) >= smallestNode))
  if (program !== undefined) large.add(program)
  const possible = drawing.arrows.filter(({ from, to }) => large.has(from) && large.has(to))
  const greatest = new Map<Box, Arrow>()
  for (const arrow of possible) {
    if (arrow.from === arrow.to) continue
    const known = greatest.get(arrow.to)
    const isGreater =
      known === undefined || greatestShare(arrow.bytes, totals) > greatestShare(known.bytes, totals)
    if (isGreater) greatest.set(arrow.to, arrow)
  }
  const arrows = possible.filter(
    (arrow) => greatestShare(arrow.bytes, totals) >= smallestEdge || greatest.get(arrow.to) === arrow,
  )
  const isNeeded = arrows.filter(({ from }) => from === program).length > 1
  if (!isNeeded && program !== undefined) large.delete(program)
  return {
    ...drawing,
    boxes: drawing.boxes.filter((box) => large.has(box)),
    arrows: isNeeded ? arrows : arrows.filter(({ from }) => from !== program),
  }
}

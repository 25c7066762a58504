import type { Tree } from './trees.js'

/** A box of a flame graph, in pixels from the left and rows from the top. */
export interface Box {
  readonly node: number
  readonly x: number
  readonly width: number
  readonly row: number
}

/** Narrower boxes cannot be seen; what is below them is narrower still. */
const NARROWEST = 0.4

/**
 * The boxes that can be seen, `width` pixels wide in all, with `zoomed` and what calls it over the whole width. In the
 * order of the tree. Goes past what cannot be seen: the cost is that of the boxes, not of the tree.
 */
export function boxesOf(tree: Tree, totals: ArrayLike<number>, zoomed: number, width: number): Box[] {
  const boxes: Box[] = []
  const row = tree.depths[zoomed] as number
  const above: number[] = []
  for (let node = zoomed; node !== 0; node = tree.parents[node] as number)
    above.unshift(tree.parents[node] as number)
  for (const node of above) boxes.push({ node, x: 0, width, row: tree.depths[node] as number })
  const all = totals[zoomed] as number
  if (!(all > 0)) return [...boxes, { node: zoomed, x: 0, width, row }]
  const scale = width / all
  // By depth: where the next box of a row begins.
  const next = [0]
  const end = tree.ends[zoomed] as number
  for (let node = zoomed; node < end; ) {
    const depth = (tree.depths[node] as number) - row
    const x = next[depth] as number
    const own = (totals[node] as number) * scale
    next[depth] = x + own
    next[depth + 1] = x
    if (own < NARROWEST) {
      node = tree.ends[node] as number
      continue
    }
    boxes.push({ node, x, width: own, row: depth + row })
    node++
  }
  return boxes
}

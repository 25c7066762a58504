import { type ComparedBytes, greatest } from './sums.js'
import { type Tree, totalsOf } from './trees.js'

/** What is drawn. */
export interface FlamePicture {
  readonly tree: Tree
  /** By node: what decides how wide a box is. */
  readonly widths: Float64Array
  readonly after: Float64Array
  /** By node; undefined when nothing is compared. */
  readonly before: Float64Array | undefined
  /** By frame: whether it is looked for; undefined when nothing is. */
  readonly found: readonly boolean[] | undefined
}

/** A flame graph of stacks that have these bytes. */
export function pictureOf(
  tree: Tree,
  compared: ComparedBytes,
  found: readonly boolean[] | undefined,
): FlamePicture {
  const { after, before } = compared
  const totals = totalsOf(tree, after.bytes)
  return {
    tree,
    widths: before === undefined ? totals : totalsOf(tree, greatest(compared)),
    after: totals,
    before: before && totalsOf(tree, before.bytes),
    found,
  }
}

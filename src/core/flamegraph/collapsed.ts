import { chunksOf } from '../export/chunks.js'
import { collapsedName } from '../export/collapsed.js'
import { WholeNumbers } from '../export/whole.js'
import { checkDiff, checkFlame } from './check.js'
import type { FlameDiff } from './diff.js'
import type { FlameTree } from './flame-tree.js'
import type { FlameGraph } from './of-view.js'
import { stacksOf } from './stacks.js'

/**
 * A flame graph as collapsed stacks, in chunks of whole lines: `main (/app/a.js:9);parse (/app/b.js:7) 4096`. Numbers are
 * whole bytes whose sum is the total, rounded; stacks that come to 0 are left out.
 *
 * @throws HeapproofError `invalid-argument`.
 */
export function flameCollapsed(graph: FlameGraph): Iterable<string> {
  checkFlame('flameCollapsed', graph)
  return chunksOf(lines(graph, [graph.self]))
}

/**
 * Two flame graphs with the bytes before and after at the end of each line, as difffolded.pl writes them.
 *
 * @throws HeapproofError `invalid-argument`.
 */
export function flameDiffCollapsed(diff: FlameDiff): Iterable<string> {
  checkDiff('flameDiffCollapsed', diff)
  return chunksOf(lines(diff, [diff.before.self, diff.after.self]))
}

function* lines(
  tree: FlameTree,
  columns: readonly Readonly<Float64Array>[],
): Generator<string, void, undefined> {
  const names = tree.frames.map(collapsedName)
  const whole = columns.map((column) => ({ column, numbers: new WholeNumbers() }))
  const has = (node: number): boolean => columns.some((column) => (column[node] as number) > 0)
  for (const { node, frames } of stacksOf(tree, has)) {
    const bytes = whole.map(({ column, numbers }) => numbers.next(column[node] as number))
    if (bytes.every((number) => number === 0)) continue
    yield `${frames.map((frame) => names[frame]).join(';')} ${bytes.join(' ')}\n`
  }
}

import { type SpeedscopePlot, speedscopeFile } from '../export/speedscope.js'
import { formatSize } from '../text/bytes.js'
import { checkDiff, checkFlame } from './check.js'
import { describeFlame } from './describe.js'
import type { FlameDiff } from './diff.js'
import type { FlameTree } from './flame-tree.js'
import type { FlameGraph } from './of-view.js'
import { stacksOf } from './stacks.js'

/**
 * A flame graph as a speedscope file, in chunks. Weights are whole bytes whose sum is the total, rounded.
 *
 * @throws HeapproofError `invalid-argument`.
 */
export function flameSpeedscope(graph: FlameGraph): Iterable<string> {
  checkFlame('flameSpeedscope', graph)
  return speedscopeFile(graph.frames, [plot(describeFlame(graph), graph, graph.self)])
}

/**
 * Two flame graphs as a speedscope file of four: what grew, what shrank, and both as they were. What grew less what shrank
 * is the whole difference.
 *
 * @throws HeapproofError `invalid-argument`.
 */
export function flameDiffSpeedscope(diff: FlameDiff): Iterable<string> {
  checkDiff('flameDiffSpeedscope', diff)
  const { before, after } = diff
  const grew = after.self.map((bytes, node) => Math.max(0, bytes - (before.self[node] as number)))
  const shrank = before.self.map((bytes, node) => Math.max(0, bytes - (after.self[node] as number)))
  return speedscopeFile(diff.frames, [
    plot('grew', diff, grew),
    plot('shrank', diff, shrank),
    plot('before', diff, before.self),
    plot('after', diff, after.self),
  ])
}

function plot(name: string, tree: FlameTree, self: Readonly<Float64Array>): SpeedscopePlot {
  const bytes = self.filter((number) => number > 0)
  const total = bytes.reduce((sum, number) => sum + number, 0)
  return { name: `${name}, ${formatSize(total, 'SI')}`, total, stacks: framesOf(tree, self), bytes }
}

function* framesOf(
  tree: FlameTree,
  self: Readonly<Float64Array>,
): Generator<readonly number[], void, undefined> {
  for (const { frames } of stacksOf(tree, (node) => (self[node] as number) > 0)) yield frames
}

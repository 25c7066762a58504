import { HeapproofError } from '../errors.js'
import { type FlameGraphOptions, flameGraph } from '../flamegraph/flame-graph.js'
import type { Reader } from '../reader.js'
import { show } from '../text/show.js'
import type { Snapshot } from '../tracemalloc/snapshot.js'
import { dotText } from './dot.js'
import { type FlowGraph, flowGraphOf } from './flow-graph.js'
import { checkDrawOptions, type FlowDrawOptions } from './options.js'
import { dotToSvg } from './svg.js'

/**
 * The flow graph of recordings, which are taken as one, or of a snapshot: frozen data. Options are those of
 * {@link flameGraph}: which bytes, and of what time.
 *
 * Cost: as `flameGraph()`.
 *
 * @throws HeapproofError `invalid-argument`, `damaged-profile`.
 */
export function flowGraph(
  profile: Reader | readonly Reader[] | Snapshot,
  options?: FlameGraphOptions,
): FlowGraph {
  return flowGraphOf(flameGraph(profile, options))
}

/**
 * A flow graph in the language of Graphviz, or several in one picture, which then has one number of each in every box and
 * on every arrow: `writeFileSync('flow.dot', flowGraphDot(graph))`, and `dot -Tsvg -o flow.svg flow.dot`.
 *
 * @throws HeapproofError `invalid-argument`.
 */
export function flowGraphDot(graph: FlowGraph | readonly FlowGraph[], options?: FlowDrawOptions): string {
  return dotText(graphsOf('flowGraphDot', graph), checkDrawOptions('flowGraphDot', options))
}

/**
 * The same as an SVG image. Needs the package `@viz-js/viz`, which is not installed with heapproof.
 *
 * Cost: some tenths of a second; seconds for a thousand boxes.
 *
 * @throws HeapproofError `invalid-argument`, `viz-not-found`, `cannot-draw`.
 */
export async function flowGraphSvg(
  graph: FlowGraph | readonly FlowGraph[],
  options?: FlowDrawOptions,
): Promise<string> {
  return await dotToSvg(dotText(graphsOf('flowGraphSvg', graph), checkDrawOptions('flowGraphSvg', options)))
}

function graphsOf(what: string, given: unknown): readonly FlowGraph[] {
  const graphs: readonly unknown[] = Array.isArray(given) ? given : [given]
  const isGraph = (graph: unknown): graph is FlowGraph =>
    typeof graph === 'object' && graph !== null && 'nodes' in graph && 'edges' in graph
  if (graphs.length > 0 && graphs.every(isGraph)) return graphs
  throw new HeapproofError(
    'invalid-argument',
    `${what}: expected a flow graph or a list of them, received ${show(given)}`,
  )
}

import { HeapproofError } from '../errors.js'
import { flowGraph, flowGraphDot, flowGraphSvg } from '../flowgraph/draw.js'
import type { FlowGraph } from '../flowgraph/flow-graph.js'
import type { FlowDrawOptions } from '../flowgraph/options.js'
import { show } from '../text/show.js'
import { inputsOf, openAll, sayCut } from './inputs.js'
import { oneOf } from './run-options.js'
import { checkOutput, sendText } from './send-output.js'
import { type TypedView, viewOptionsOf } from './view-options.js'

/** Options of `heapproof flow`, as they were typed. */
export interface TypedFlow extends Omit<TypedView, 'at'> {
  readonly output?: string
  readonly format?: string
  readonly all?: boolean
  readonly at?: readonly string[]
  readonly smallestNode?: string
  readonly smallestEdge?: string
  /** False with --no-collapse. */
  readonly collapse: boolean
  /** False with --no-sizes. */
  readonly sizes: boolean
  readonly json?: boolean
}

/** Draws which line calls which: of one time, or of several in one picture. */
export async function flowCommand(bases: readonly string[], typed: TypedFlow): Promise<void> {
  const { output = '-', all = false, at = [], json, ...rest } = typed
  checkOutput(output)
  if (json === true && typed.format !== undefined) throw refused('--json and --format do not go together')
  const format = formatOf(typed.format, output)
  const drawing = drawingOf(rest)
  const views =
    at.length === 0 ? [viewOptionsOf(rest)] : at.map((time) => viewOptionsOf({ ...rest, at: time }))
  const fileBases = inputsOf(bases, all)
  const { readers, close } = openAll(fileBases)
  try {
    const graphs = views.map((options) => flowGraph(readers, options))
    const text = json === true ? jsonOf(graphs) : await drawn(graphs, format, drawing)
    const notForTerminal = json !== true && format === 'svg' ? 'SVG' : undefined
    await sendText({ path: output, fileBases, notForTerminal }, [text])
    sayCut(readers)
  } finally {
    close()
  }
}

function formatOf(typed: string | undefined, output: string): 'dot' | 'svg' {
  if (typed !== undefined) return oneOf('--format', typed, ['dot', 'svg'] as const)
  return /\.svg$/i.test(output) ? 'svg' : 'dot'
}

async function drawn(
  graphs: readonly FlowGraph[],
  format: 'dot' | 'svg',
  options: FlowDrawOptions,
): Promise<string> {
  return format === 'dot' ? flowGraphDot(graphs, options) : await flowGraphSvg(graphs, options)
}

function jsonOf(graphs: readonly FlowGraph[]): string {
  return `${JSON.stringify({ graphs })}\n`
}

function drawingOf({ smallestNode, smallestEdge, collapse, sizes }: TypedFlow): FlowDrawOptions {
  return {
    collapse,
    sizeBySelf: sizes,
    ...(smallestNode !== undefined && { smallestNode: shareOf('--smallest-node', smallestNode) }),
    ...(smallestEdge !== undefined && { smallestEdge: shareOf('--smallest-edge', smallestEdge) }),
  }
}

function shareOf(option: string, typed: string): number {
  const percent = /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(typed)?.[1]
  if (percent !== undefined && Number(percent) <= 100) return Number(percent) / 100
  throw refused(`${option} must be a percentage from 0% to 100%, such as 0.5%, received ${show(typed)}`)
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}

import { basename } from 'node:path'
import { flameCollapsed } from '../flamegraph/collapsed.js'
import { type FlameGraph, flameGraph } from '../flamegraph/flame-graph.js'
import { flameSpeedscope } from '../flamegraph/speedscope.js'
import { flameHtml } from '../page/flame-html.js'
import { plural } from '../text/plural.js'
import { inputsOf, openAll, sayCut } from './inputs.js'
import { oneOf } from './run-options.js'
import { checkOutput, sendText } from './send-output.js'
import { type TypedView, viewOptionsOf } from './view-options.js'

/** Options of `heapproof flame`, as they were typed. */
export interface TypedFlame extends TypedView {
  readonly output?: string
  readonly format?: string
  readonly all?: boolean
}

/** What a flame graph is written as. */
export type FlameFormat = (typeof FORMATS)[number]

const FORMATS = ['collapsed', 'speedscope', 'html'] as const

/** Writes a flame graph, as a page or for a tool that draws it. */
export async function flameCommand(bases: readonly string[], typed: TypedFlame): Promise<void> {
  const { output = '-', all = false } = typed
  checkOutput(output)
  const format = flameFormat(typed.format, output)
  const options = viewOptionsOf(typed)
  const fileBases = inputsOf(bases, all)
  const { readers, close } = openAll(fileBases)
  try {
    const graph = flameGraph(readers, options)
    const notForTerminal = format === 'html' ? 'HTML' : undefined
    await sendText({ path: output, fileBases, notForTerminal }, written(graph, format, fileBases))
    sayCut(readers)
  } finally {
    close()
  }
}

function written(graph: FlameGraph, format: FlameFormat, fileBases: readonly string[]): Iterable<string> {
  if (format === 'collapsed') return flameCollapsed(graph)
  if (format === 'speedscope') return flameSpeedscope(graph)
  const [first = '', ...others] = fileBases.map((fileBase) => basename(fileBase))
  const more = others.length === 0 ? '' : ` and ${plural(others.length, 'other profile')}`
  return [flameHtml(graph, { title: `Flame graph of ${first}${more}` })]
}

/** The format that is meant: by its name, else by that of the file. @throws HeapproofError `invalid-argument`. */
export function flameFormat(typed: string | undefined, output: string): FlameFormat {
  if (typed !== undefined) return oneOf('--format', typed, FORMATS)
  if (/\.html?$/i.test(output)) return 'html'
  return /\.json$/i.test(output) ? 'speedscope' : 'collapsed'
}

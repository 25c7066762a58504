import { HeapproofError } from '../errors.js'
import { flameCollapsed } from '../flamegraph/collapsed.js'
import { flameGraph } from '../flamegraph/flame-graph.js'
import { flameSpeedscope } from '../flamegraph/speedscope.js'
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

/** Writes a flame graph for a tool that draws it. */
export async function flameCommand(bases: readonly string[], typed: TypedFlame): Promise<void> {
  const { output = '-', all = false } = typed
  checkOutput(output)
  const format = flameFormat(typed.format, output)
  const options = viewOptionsOf(typed)
  const fileBases = inputsOf(bases, all)
  const { readers, close } = openAll(fileBases)
  try {
    const graph = flameGraph(readers, options)
    const texts = format === 'collapsed' ? flameCollapsed(graph) : flameSpeedscope(graph)
    await sendText({ path: output, fileBases }, texts)
    sayCut(readers)
  } finally {
    close()
  }
}

/** @throws HeapproofError `invalid-argument`; for HTML it names the command that writes pages. */
export function flameFormat(typed: string | undefined, output: string): 'collapsed' | 'speedscope' {
  if (typed === 'html' || (typed === undefined && /\.html?$/i.test(output))) {
    throw new HeapproofError(
      'invalid-argument',
      'a flame graph as HTML is in the page of heapproof report; here it is collapsed or speedscope',
    )
  }
  if (typed !== undefined) return oneOf('--format', typed, ['collapsed', 'speedscope'] as const)
  return /\.json$/i.test(output) ? 'speedscope' : 'collapsed'
}

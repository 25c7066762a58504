import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'
import { timePlotSvg } from '../timeplot/svg.js'
import { sayCut } from './inputs.js'
import { openProfile } from './open.js'
import { oneOf } from './run-options.js'
import { checkOutput, sendText } from './send-output.js'

/** Options of `heapproof plot`, as they were typed. */
export interface TypedPlot {
  readonly output?: string
  readonly line?: readonly string[]
  readonly by?: string
  readonly self?: boolean
  readonly json?: boolean
}

/** Draws live bytes over time. */
export async function plotCommand(
  base: string,
  { output = '-', line, by, self, json }: TypedPlot,
): Promise<void> {
  checkOutput(output)
  if (self === true && line === undefined) throw refused('--self goes with --line')
  using reader = openProfile(base)
  const plot = reader.timePlot(linesOf(line ?? []), {
    cumulative: self !== true,
    ...(by !== undefined && { by: oneOf('--by', by, ['domain', 'thread'] as const) }),
  })
  const text =
    json === true ? `${JSON.stringify({ fileBase: reader.fileBase, ...plot })}\n` : timePlotSvg(plot)
  const notForTerminal = json === true ? undefined : 'SVG'
  await sendText({ path: output, fileBases: [reader.fileBase], notForTerminal }, [text])
  sayCut([reader])
}

/** `src/cache.ts:14`, or with a name: `cache=src/cache.ts:14`. */
function linesOf(typed: readonly string[]): Record<string, string> {
  const lines = new Map<string, string>()
  for (const text of typed) {
    // No name has a slash or a colon, so a path with an equals sign stays a path.
    const [, name = text, line = text] = /^([^=/\\:]+)=(.+)$/.exec(text) ?? []
    if (lines.has(name))
      throw refused(`--line: ${show(name)} is there twice; NAME=FILE:LINE gives it another name`)
    lines.set(name, line)
  }
  return Object.fromEntries(lines)
}

function refused(sentence: string): HeapproofError {
  return new HeapproofError('invalid-argument', sentence)
}

import { relative, resolve, sep } from 'node:path'
import { plural } from '../../text/plural.js'
import { printable } from '../../text/printable.js'
import { type NotedLimit, siteBytes } from '../limits.js'
import { bytes, limitSizes, placeOfTest } from '../phrases.js'
import type { SuiteSummary } from '../summarize.js'
import { workflowCommand } from './command.js'

/** GitHub shows so many of each kind and step. */
const SHOWN = 10

/**
 * Commands that annotate the lines of code behind limits: an error for each exceeded limit, a warning for each that is near
 * or that a test failed for since nobody can judge it; on the line that allocated, else on the test. At most ten of each kind, the last of which
 * tells how many more there are. `workspace` is the folder that GitHub's paths are relative to.
 */
export function annotations({ limits }: SuiteSummary, root: string, workspace: string): string[] {
  const exceeded = limits.filter(({ standing }) => standing === 'exceeded')
  const others = limits.filter(
    ({ standing, test }) => standing === 'near' || (standing === 'cannot tell' && test.state === 'failed'),
  )
  return [...commands('error', exceeded, root, workspace), ...commands('warning', others, root, workspace)]
}

function commands(
  kind: 'error' | 'warning',
  limits: readonly NotedLimit[],
  root: string,
  workspace: string,
): string[] {
  const more = limits.length - SHOWN
  return limits.slice(0, SHOWN).map((noted, index) => {
    const { site, test } = noted
    const rest =
      index === SHOWN - 1 && more > 0 ? `\n${plural(more, `more ${kind}`)} of this kind, not shown` : ''
    return workflowCommand({
      kind,
      file: inWorkspace(site?.file ?? test.file, root, workspace),
      line: site?.line ?? test.line,
      column: site?.column ?? test.column,
      title: title(noted),
      message: `${sentence(noted)}${rest}`,
    })
  })
}

function title({ standing, limit: { kind } }: NotedLimit): string {
  const limit = kind === 'peak' ? 'Limit of the peak' : `Limit of ${kind} bytes`
  return standing === 'near'
    ? `${limit} is near`
    : standing === 'exceeded'
      ? `${limit} exceeded`
      : `${limit} could not be judged`
}

function sentence(noted: NotedLimit): string {
  const { test, limit, site, standing } = noted
  const sizes = limitSizes(noted)
  const who = `${printable(test.name)} (${placeOfTest(test)})`
  const what =
    standing === 'cannot tell'
      ? `${who}: limit ${sizes.limit}, ${printable(test.record?.reason ?? '') || 'what was measured is not certain enough'}`
      : `${who}: ${limit.kind} ${sizes.measured}, limit ${sizes.limit}`
  const line =
    site === undefined ? '' : `\nThis line: about ${bytes(siteBytes(limit)(site))}, estimated from samples`
  return `${what}.${line}`
}

/** A path as GitHub knows it; as it is, absolute, when it lies elsewhere. */
function inWorkspace(file: string, root: string, workspace: string): string {
  const absolute = resolve(root, file)
  const short = relative(workspace, absolute)
  return short.startsWith('..') || resolve(short) === short ? absolute : short.split(sep).join('/')
}

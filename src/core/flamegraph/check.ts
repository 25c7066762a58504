import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'
import type { FlameDiff } from './diff.js'
import type { FlameGraph } from './of-view.js'

/** @throws HeapproofError `invalid-argument` when it is no flame graph. */
export function checkFlame(what: string, graph: FlameGraph): void {
  if (!((graph as FlameGraph | undefined)?.self instanceof Float64Array))
    throw refused(what, 'a flame graph', graph)
}

/** @throws HeapproofError `invalid-argument` when it is no difference of flame graphs. */
export function checkDiff(what: string, diff: FlameDiff): void {
  const { before, after } = (diff ?? {}) as Partial<FlameDiff>
  if (before?.self instanceof Float64Array && after?.self instanceof Float64Array) return
  throw refused(what, 'what diffFlameGraphs() gives', diff)
}

function refused(what: string, expected: string, given: unknown): HeapproofError {
  return new HeapproofError('invalid-argument', `${what}: expected ${expected}, received ${show(given)}`)
}

import { formatSize } from '../text/bytes.js'
import { DOMAINS, type Domain } from '../types.js'
import { chunksOf, jsonText, listed } from './chunks.js'
import { frameLabel } from './frame-label.js'
import type { Value } from './value.js'
import type { ProfileView } from './view.js'
import type { ViewTrace } from './view-traces.js'
import { WholeNumbers } from './whole.js'

// speedscope's own format (file-format-schema.json in its package): frames once, then profiles of type `sampled`, each a
// list of stacks with the root first, and a list of weights.

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json'

/** One of the profiles that speedscope lets its user choose from. */
interface Plot {
  readonly name: string
  readonly value: Value
  readonly traces: readonly ViewTrace[]
  readonly total: number
}

/**
 * A view as a speedscope file, in chunks: what is live and what was allocated, those of `first` before the others; each
 * once per domain that has bytes. Weights are whole bytes.
 */
export function speedscope(view: ProfileView, first: Value): Iterable<string> {
  return chunksOf(parts(view, first))
}

function* parts(view: ProfileView, first: Value): Generator<string, void, undefined> {
  const facts = { $schema: SCHEMA, exporter: 'heapproof', name: 'heapproof', activeProfileIndex: 0 }
  yield `${jsonText(facts).slice(0, -1)},\n"shared":{"frames":[\n`
  yield* listed(frames(view))
  yield ']},\n"profiles":[\n'
  let separator = ''
  for (const plot of plots(view, first)) {
    yield separator
    yield* sampled(view, plot)
    separator = ',\n'
  }
  yield ']}\n'
}

function* frames({ tree }: ProfileView): Generator<string, void, undefined> {
  for (const frame of tree.frames) {
    const { file, line, column } = frame
    const place = { ...(file && { file }), ...(line > 0 && { line }), ...(column > 0 && { col: column }) }
    yield `${jsonText({ name: frameLabel(frame), ...place })}\n`
  }
}

function* sampled(
  { tree }: ProfileView,
  { name, value, traces, total }: Plot,
): Generator<string, void, undefined> {
  const facts = {
    type: 'sampled',
    name,
    unit: 'bytes',
    startValue: 0,
    endValue: Math.min(Math.round(total), Number.MAX_SAFE_INTEGER),
  }
  yield `${jsonText(facts).slice(0, -1)},\n"samples":[`
  yield* listed(map(traces, ({ node }) => `[${tree.stack(node).reverse().join(',')}]`))
  yield '],\n"weights":['
  const whole = new WholeNumbers()
  yield* listed(map(traces, (trace) => String(whole.next(trace[value].bytes))))
  yield ']}\n'
}

/** One for each value and domain with bytes; should nothing have any, one that is empty. */
function plots(view: ProfileView, first: Value): Plot[] {
  const order: Value[] = first === 'live' ? ['live', 'allocated'] : ['allocated', 'live']
  const values = order.filter((value) => value === 'live' || view.hasAllocated)
  const domains = DOMAINS.filter((domain) => values.some((value) => plot(view, value, domain).total > 0))
  if (domains.length < 2) return values.map((value) => plot(view, value, domains[0]))
  return values.flatMap((value) =>
    domains.map((domain) => plot(view, value, domain)).filter(({ total }) => total > 0),
  )
}

function plot(view: ProfileView, value: Value, domain: Domain | undefined): Plot {
  const traces = view.traces.filter((trace) => trace.domain === domain && trace[value].bytes > 0)
  const total = traces.reduce((sum, trace) => sum + trace[value].bytes, 0)
  const what = [value === 'live' ? liveAt(view) : 'allocated', domain ?? 'heap', formatSize(total, 'SI')]
  return { name: what.join(', '), value, traces, total }
}

function liveAt({ at, time }: ProfileView): string {
  if (at === 'end') return 'live at the end'
  const when = `${time.toFixed(3)} s`
  return at === 'peak' ? `live at the peak (${when})` : `live at ${when}`
}

function* map<T>(list: readonly T[], text: (item: T) => string): Generator<string, void, undefined> {
  for (const item of list) yield text(item)
}

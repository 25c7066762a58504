import { formatSize } from '../text/bytes.js'
import { DOMAINS, type Domain, type Frame } from '../types.js'
import { chunksOf, jsonText, listed } from './chunks.js'
import { frameLabel } from './frame-label.js'
import type { Value } from './value.js'
import type { ProfileView } from './view.js'
import { WholeNumbers } from './whole.js'

// speedscope's own format (file-format-schema.json in its package): frames once, then profiles of type `sampled`, each a
// list of stacks with the root first, and a list of weights.

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json'

/** One of the profiles that speedscope lets its user choose from. */
export interface SpeedscopePlot {
  readonly name: string
  readonly total: number
  /** Each a list of indexes of frames, root first. Walked once, and so are the bytes. */
  readonly stacks: Iterable<readonly number[]>
  /** As many as there are stacks. */
  readonly bytes: Iterable<number>
}

/**
 * A view as a speedscope file, in chunks: what is live and what was allocated, those of `first` before the others; each
 * once per domain that has bytes. Weights are whole bytes.
 */
export function speedscope(view: ProfileView, first: Value): Iterable<string> {
  return speedscopeFile(view.tree.frames, plots(view, first))
}

/** A speedscope file, in chunks. Weights are whole bytes. */
export function speedscopeFile(
  frames: readonly SpeedscopeFrame[],
  plots: readonly SpeedscopePlot[],
): Iterable<string> {
  return chunksOf(parts(frames, plots))
}

type SpeedscopeFrame = Pick<Frame, 'function' | 'file' | 'line'> & { readonly column?: number }

function* parts(
  frames: readonly SpeedscopeFrame[],
  plots: readonly SpeedscopePlot[],
): Generator<string, void, undefined> {
  const facts = { $schema: SCHEMA, exporter: 'heapproof', name: 'heapproof', activeProfileIndex: 0 }
  yield `${jsonText(facts).slice(0, -1)},\n"shared":{"frames":[\n`
  yield* listed(map(frames, frameText))
  yield ']},\n"profiles":[\n'
  let separator = ''
  for (const plot of plots) {
    yield separator
    yield* sampled(plot)
    separator = ',\n'
  }
  yield ']}\n'
}

function frameText(frame: SpeedscopeFrame): string {
  const { file, line, column = 0 } = frame
  const place = { ...(file && { file }), ...(line > 0 && { line }), ...(column > 0 && { col: column }) }
  return `${jsonText({ name: frameLabel(frame), ...place })}\n`
}

function* sampled({ name, total, stacks, bytes }: SpeedscopePlot): Generator<string, void, undefined> {
  const facts = {
    type: 'sampled',
    name,
    unit: 'bytes',
    startValue: 0,
    endValue: Math.min(Math.round(total), Number.MAX_SAFE_INTEGER),
  }
  yield `${jsonText(facts).slice(0, -1)},\n"samples":[`
  yield* listed(map(stacks, (frames) => `[${frames.join(',')}]`))
  yield '],\n"weights":['
  const whole = new WholeNumbers()
  yield* listed(map(bytes, (number) => String(whole.next(number))))
  yield ']}\n'
}

/** One for each value and domain with bytes; should nothing have any, one that is empty. */
function plots(view: ProfileView, first: Value): SpeedscopePlot[] {
  const order: Value[] = first === 'live' ? ['live', 'allocated'] : ['allocated', 'live']
  const values = order.filter((value) => value === 'live' || view.hasAllocated)
  const domains = DOMAINS.filter((domain) => values.some((value) => plot(view, value, domain).total > 0))
  if (domains.length < 2) return values.map((value) => plot(view, value, domains[0]))
  return values.flatMap((value) =>
    domains.map((domain) => plot(view, value, domain)).filter(({ total }) => total > 0),
  )
}

function plot(view: ProfileView, value: Value, domain: Domain | undefined): SpeedscopePlot {
  const traces = view.traces.filter((trace) => trace.domain === domain && trace[value].bytes > 0)
  const bytes = traces.map((trace) => trace[value].bytes)
  const total = bytes.reduce((sum, number) => sum + number, 0)
  const what = [value === 'live' ? liveAt(view) : 'allocated', domain ?? 'heap', formatSize(total, 'SI')]
  const stacks = map(traces, ({ node }) => view.tree.stack(node).reverse())
  return { name: what.join(', '), total, stacks, bytes }
}

function liveAt({ at, time }: ProfileView): string {
  if (at === 'end') return 'live at the end'
  const when = `${time.toFixed(3)} s`
  return at === 'peak' ? `live at the peak (${when})` : `live at ${when}`
}

function* map<T, U>(list: Iterable<T>, change: (item: T) => U): Generator<U, void, undefined> {
  for (const item of list) yield change(item)
}

import { relativeTo } from '../expect/profiles.js'
import { checkDiff, checkFlame } from '../flamegraph/check.js'
import { describeFlame } from '../flamegraph/describe.js'
import type { FlameDiff } from '../flamegraph/diff.js'
import type { FlameBytes, FlameTree } from '../flamegraph/flame-tree.js'
import type { FlameGraph } from '../flamegraph/of-view.js'
import { formatSize } from '../text/bytes.js'
import { html, type Markup } from '../text/markup.js'
import { checkOptions, type OptionRule, text } from '../text/options.js'
import { printable } from '../text/printable.js'
import { pageScript } from './bundle.js'
import { flameData } from './data/flame-data.js'
import { shell } from './shell.js'
import { FLAME_SKELETON } from './skeleton.js'

/** How a page with a flame graph is written. */
export interface FlameHtmlOptions {
  /** What the page is called. Default: `Flame graph`. */
  readonly title?: string | undefined
  /** Paths under this folder are shown relative to it. Default: the working folder. */
  readonly root?: string | undefined
}

const RULES: Record<keyof FlameHtmlOptions, OptionRule> = { title: text, root: text }

/**
 * A flame graph as a page: one HTML file that needs nothing but a browser, to search, to zoom, to turn over, and to see
 * who calls a line and what it calls.
 *
 * Cost: time and memory grow with the number of nodes.
 *
 * @throws HeapproofError `invalid-argument`; `cannot-read` when the package is not whole.
 */
export function flameHtml(graph: FlameGraph, options?: FlameHtmlOptions): string {
  checkFlame('flameHtml', graph)
  const checked = checkOptions('flameHtml', options, RULES)
  const facts = html`<p><b>${size(graph)}</b> ${describeFlame(graph)}, estimated from samples</p>\n`
  return page(graph, [graph.self], facts, checked)
}

/**
 * The difference of two flame graphs as a page: a box is as wide as the greater of both, red where it grew and blue where
 * it shrank.
 *
 * @throws HeapproofError `invalid-argument`; `cannot-read` when the package is not whole.
 */
export function flameDiffHtml(diff: FlameDiff, options?: FlameHtmlOptions): string {
  checkDiff('flameDiffHtml', diff)
  const checked = checkOptions('flameDiffHtml', options, RULES)
  const { before, after } = diff
  const change = total(after) - total(before)
  const sign = change > 0 ? '+' : change < 0 ? '\u2212' : ''
  const facts = html`<p><b>${sign}${formatSize(Math.abs(change), 'SI')}</b>, estimated from samples. Before: ${size(before)} ${describeFlame(before)}; after: ${size(after)} ${describeFlame(after)}.</p>\n`
  return page(diff, [before.self, after.self], facts, checked)
}

function page(
  tree: FlameTree,
  states: readonly Readonly<Float64Array>[],
  facts: Markup,
  { title = 'Flame graph', root = process.cwd() }: FlameHtmlOptions,
): string {
  const name = printable(title)
  return shell({
    title: name,
    header: html`<h1><bdi>${name}</bdi></h1>\n${facts}`,
    body: FLAME_SKELETON,
    data: flameData(tree, states, (file) => relativeTo(root, file)),
    script: pageScript('flame-page'),
  })
}

function size(bytes: FlameBytes): string {
  return formatSize(total(bytes), 'SI')
}

function total({ total }: FlameBytes): number {
  return total[0] as number
}

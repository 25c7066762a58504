import { HeapproofError } from '../errors.js'
import { formatSize } from '../text/format-size.js'
import { html, Markup } from '../text/markup.js'
import { plural } from '../text/plural.js'
import { show } from '../text/show.js'
import { xmlText } from '../text/xml.js'
import { areaPath, linePath, type Plane, xOf, yOf } from './path.js'
import { COLORS, DASHES, STYLE } from './style.js'
import { byteTicks, type Tick, timeTicks } from './ticks.js'
import type { TimePlot } from './time-plot.js'

/** Pixels. */
const WIDTH = 900
const LEFT = 76
const RIGHT = 24
const TITLE = 34
const GAP = 28
const BOTTOM = 40
const TOTAL_HEIGHT = 200
const PANEL_HEIGHT = 150
const LEGEND_ROW = 20
/** What a letter takes, on average and a bit more. */
const LETTER = 6.8
const LONGEST_NAME = 60

/**
 * A time plot as an SVG image, for light and dark surroundings: all live bytes and the garbage collections, and below, when
 * the plot has lines, their bytes and their share of all.
 *
 * @throws HeapproofError `invalid-argument` when it is no plot.
 */
export function timePlotSvg(plot: TimePlot): string {
  if (!isPlot(plot)) {
    throw new HeapproofError('invalid-argument', `timePlotSvg: expected a time plot, received ${show(plot)}`)
  }
  const longest = plot.times.at(-1) ?? 0
  const axis = { left: LEFT, width: WIDTH - LEFT - RIGHT, longest: longest > 0 ? longest : 1 }
  const panels: Markup[] = []
  let top = TITLE
  const total = panelOf(axis, top, TOTAL_HEIGHT, byteTicks(greatestOf(plot.total), 5))
  panels.push(totalPanel(plot, total))
  top += TOTAL_HEIGHT
  if (plot.series.length > 0) {
    const keys = legend(plot, top + GAP + 10)
    panels.push(keys.markup)
    top += GAP + keys.height + 22
    const most = greatestOf(plot.series.map(({ bytes }) => greatestOf(bytes)))
    const bytes = panelOf(axis, top, PANEL_HEIGHT, byteTicks(most, 4))
    panels.push(linesPanel(plot, bytes, 'live bytes of each', (series) => series.bytes))
    top += PANEL_HEIGHT + GAP + 14
    const share = panelOf(axis, top, PANEL_HEIGHT, PERCENT)
    panels.push(linesPanel(plot, share, 'share of all live bytes', (series) => series.share))
    top += PANEL_HEIGHT
  }
  const height = top + BOTTOM
  const bottom = timeAxis({ ...total.plane, longest: axis.longest }, top, longest)
  const name = describe(plot)
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${name}">
<title>${name}</title>
<style>${new Markup(STYLE)}</style>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${panels}${bottom}</svg>
`.text
}

function isPlot(given: unknown): boolean {
  const { times, total, series, collections } = (given ?? {}) as Partial<TimePlot>
  return [times, total, series, collections].every(Array.isArray)
}

const PERCENT: readonly Tick[] = [0, 25, 50, 75, 100].map((value) => ({
  value: value / 100,
  label: `${value} %`,
}))

interface Panel {
  readonly plane: Plane
  readonly ticks: readonly Tick[]
}

function panelOf(
  axis: Pick<Plane, 'left' | 'width' | 'longest'>,
  top: number,
  height: number,
  ticks: readonly Tick[],
): Panel {
  return { plane: { ...axis, top, height, greatest: ticks.at(-1)?.value ?? 1 }, ticks }
}

function describe({ times, total, collections }: TimePlot): string {
  const most = greatestOf(total)
  const duration = `${Number((times.at(-1) ?? 0).toFixed(3))} s`
  return `live bytes over ${duration}, at most ${formatSize(most, 'SI')}; ${plural(collections.length, 'collection')}`
}

function totalPanel(plot: TimePlot, panel: Panel): Markup {
  const { plane } = panel
  const { times, total, collections } = plot
  const marks = collections.map(({ time, isMajor }) => {
    const x = xOf(plane, time)
    const bottom = plane.top + plane.height
    return html`<path class="${isMajor ? 'major' : 'minor'}" d="M${x} ${bottom}v${isMajor ? -14 : -7}"/>
`
  })
  const nothing =
    greatestOf(total) > 0
      ? ''
      : html`<text class="note" x="${plane.left + plane.width / 2}" y="${plane.top + plane.height / 2}" text-anchor="middle">nothing was live at the time of any snapshot</text>
`
  return html`<g>
${heading(plane, 'live bytes', collectionsOf(plot))}${grid(panel)}<path class="area" d="${areaPath(plane, times, total)}"/>
<path class="total" d="${linePath(plane, times, total)}"/>
${single(plane, plot, total, 'var(--total)')}${distinct(marks)}${nothing}</g>
`
}

/** Thousands of collections fall on the same pixels. */
function distinct(marks: readonly Markup[]): readonly Markup[] {
  return [...new Map(marks.map((mark) => [mark.text, mark])).values()]
}

function collectionsOf({ collections }: TimePlot): string {
  const major = collections.filter(({ isMajor }) => isMajor).length
  return collections.length === 0
    ? ''
    : `${plural(collections.length, 'collection')}, ${major} of the whole heap (long marks)`
}

function linesPanel(
  plot: TimePlot,
  panel: Panel,
  title: string,
  valuesOf: (series: TimePlot['series'][0]) => readonly number[],
): Markup {
  const lines = plot.series.map((series, index) => {
    const values = valuesOf(series)
    return html`<path class="line" ${strokeOf(index)} d="${linePath(panel.plane, plot.times, values)}"><title>${nameOf(series.name)}</title></path>
${single(panel.plane, plot, values, colorOf(index))}`
  })
  return html`<g>
${heading(panel.plane, title, '')}${grid(panel)}${lines}</g>
`
}

/** A line of one point is not seen. */
function single(
  plane: Plane,
  { times }: TimePlot,
  values: readonly number[],
  color: string,
): Markup | string {
  if (times.length !== 1) return ''
  return html`<circle cx="${xOf(plane, times[0] as number)}" cy="${yOf(plane, values[0] as number)}" r="3" style="fill: ${color}"/>
`
}

function heading({ left, top, width }: Plane, title: string, note: string): Markup {
  const right =
    note === ''
      ? ''
      : html`<text class="note" x="${left + width}" y="${top - 10}" text-anchor="end">${note}</text>
`
  return html`<text class="title" x="${left}" y="${top - 10}">${title}</text>
${right}`
}

function grid({ plane, ticks }: Panel): readonly Markup[] {
  return ticks.map(({ value, label }, index) => {
    const y = yOf(plane, value)
    return html`<path class="${index === 0 ? 'axis' : 'rule'}" d="M${plane.left} ${y}h${plane.width}"/>
<text class="tick" x="${plane.left - 8}" y="${y + 4}" text-anchor="end">${label}</text>
`
  })
}

function timeAxis(plane: Plane, bottom: number, longest: number): readonly Markup[] {
  return timeTicks(longest, 8).map(({ value, label }) => {
    const x = xOf(plane, value)
    return html`<path class="axis" d="M${x} ${bottom}v5"/>
<text class="tick" x="${x}" y="${bottom + 20}" text-anchor="middle">${label}</text>
`
  })
}

function legend({ series }: TimePlot, top: number): { readonly markup: Markup; readonly height: number } {
  let x = LEFT
  let y = top
  const keys = series.map(({ name }, index) => {
    const text = nameOf(name)
    const width = 34 + text.length * LETTER + 18
    if (x > LEFT && x + width > WIDTH - RIGHT) {
      x = LEFT
      y += LEGEND_ROW
    }
    const key = html`<path class="line" ${strokeOf(index)} d="M${x} ${y - 4}h26"/>
<text x="${x + 34}" y="${y}">${text}</text>
`
    x = Math.round(x + width)
    return key
  })
  return {
    markup: html`<g>
${keys}</g>
`,
    height: y - top + LEGEND_ROW,
  }
}

function colorOf(index: number): string {
  return `var(--c${index % COLORS})`
}

function strokeOf(index: number): Markup {
  const dash = DASHES[Math.floor(index / COLORS) % DASHES.length] as string
  return html`style="stroke: ${colorOf(index)}${dash === '' ? '' : `; stroke-dasharray: ${dash}`}"`
}

function nameOf(name: string): string {
  const text = xmlText(name) || '(no name)'
  return text.length > LONGEST_NAME
    ? `${text.slice(0, LONGEST_NAME - 1).replace(/[\ud800-\udbff]$/, '')}…`
    : text
}

/** Sizes of a damaged file can come to Infinity, which no axis has a place for. */
function greatestOf(values: readonly number[]): number {
  return values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, value) : most), 0)
}

import type { FlameFrame } from '../flamegraph/flame-tree.js'
import { commonFolder } from '../text/common-folder.js'
import { formatSize } from '../text/format-size.js'
import { html, type Markup } from '../text/markup.js'
import { xmlText } from '../text/xml.js'
import { collapsedDrawing } from './collapse.js'
import { shareColor } from './colors.js'
import {
  type Arrow,
  type Box,
  type Drawing,
  drawingOf,
  greatestShare,
  shareOf,
  withoutSmall,
} from './drawing.js'
import type { FlowGraph } from './flow-graph.js'
import type { FlowDrawOptions } from './options.js'

// The language of graphviz. A label in <> is XML; one in quotes is not, but entities and backslashes mean something in it.

/** Of a longer chain the first and the last lines are shown. */
const LONGEST_CHAIN = 9
const LONGEST_NAME = 60
/** `C:\\`. A path without its root would look like another one. */
const LONGEST_ROOT = 3

/** In points. */
const SMALLEST_TEXT = 12
const LARGEST_TEXT = 40

/** Graphs as one dot text, each number once per graph. Equal graphs give equal texts. */
export function dotText(graphs: readonly FlowGraph[], options: Required<FlowDrawOptions>): string {
  const pruned = withoutSmall(drawingOf(graphs), options)
  const drawing = options.collapse ? collapsedDrawing(pruned) : pruned
  const folder = commonFolder(drawing.boxes.flatMap(({ lines }) => lines.map(({ file }) => file)))
  const ids = new Map(drawing.boxes.map((box, index) => [box, `n${index}`]))
  const lines = [
    'digraph heapproof {',
    `  graph [label=<${title(drawing)}> labelloc=t fontname="Arial" fontsize=16]`,
    '  node [shape=plain fontname="Arial"]',
    '  edge [fontname="Arial" fontsize=11]',
    ...drawing.boxes.map((box) => `  ${ids.get(box)} ${boxText(box, drawing, folder, options.sizeBySelf)}`),
    ...drawing.arrows.map(
      (arrow) => `  ${ids.get(arrow.from)} -> ${ids.get(arrow.to)} ${arrowText(arrow, drawing)}`,
    ),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function title({ labels, totals, boxes }: Drawing): string {
  const each = labels.map((label, graph) => `${label}: ${size(totals[graph] as number)}`)
  const none = boxes.length === 0 ? ' (nothing to draw)' : ''
  return xmlLabel(html`${xmlText(each.join(' / ') + none)}`)
}

function boxText(box: Box, { totals }: Drawing, folder: string, sizeBySelf: boolean): string {
  const width = totals.length
  const text = sizeBySelf
    ? SMALLEST_TEXT + (LARGEST_TEXT - SMALLEST_TEXT) * greatestShare(box.self, totals)
    : SMALLEST_TEXT
  const cells = totals.map((all, graph) => {
    const [self, total] = [box.self[graph] as number, box.total[graph] as number]
    const share = shareOf(total, all)
    const numbers = `${size(self)} / ${size(total)} = ${Math.round(100 * share)} %`
    return html`<td bgcolor="${shareColor(share)}">${numbers}</td>`
  })
  const rows = shown(box.lines).map((line) => {
    const row = typeof line === 'string' ? html`<i>${line}</i>` : lineText(line, folder)
    return html`<tr><td colspan="${width}" bgcolor="white" align="left">${row}</td></tr>`
  })
  const open = html`<table border="0" cellborder="1" cellspacing="0" cellpadding="4">`
  const label = xmlLabel(html`${open}${rows}<tr>${cells}</tr></table>`)
  const tip = box.lines.map((line) => `${line.function} ${placeOf(line, '')}`.trim()).join('\n')
  return `[label=<${label}> fontsize=${text.toFixed(1)} tooltip=${quoted(tip)}]`
}

function lineText(line: FlameFrame, folder: string): Markup {
  const place = xmlText(placeOf(line, folder))
  return html`<b>${shortened(xmlText(line.function) || '(anonymous)')}</b> ${place}`
}

function placeOf({ file, line }: FlameFrame, folder: string): string {
  const short = folder.length > LONGEST_ROOT && file.startsWith(folder) ? file.slice(folder.length) : file
  return line > 0 && file !== '' ? `${short}:${line}` : short
}

function shown(lines: readonly FlameFrame[]): readonly (FlameFrame | string)[] {
  if (lines.length <= LONGEST_CHAIN) return lines
  const half = Math.floor(LONGEST_CHAIN / 2)
  return [...lines.slice(0, half), `${lines.length - 2 * half} more lines`, ...lines.slice(-half)]
}

function arrowText({ from, bytes }: Arrow, { totals }: Drawing): string {
  const share = greatestShare(bytes, totals)
  // Against what its caller comes to, so that the way on is seen in small branches as well.
  const dark = greatestShare(bytes, from.total)
  const grey = Math.round(160 * (1 - dark))
    .toString(16)
    .padStart(2, '0')
  const label = bytes.map(size).join(' / ')
  return `[label="${label}" color="#${grey.repeat(3)}" penwidth=${(1 + 5 * share).toFixed(1)}]`
}

function size(bytes: number): string {
  return formatSize(bytes, 'SI')
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME
    ? `${name.slice(0, LONGEST_NAME - 1).replace(/[\ud800-\udbff]$/, '')}…`
    : name
}

/** Graphviz puts the name of the node for `\N`, and more of that kind, before it reads the XML. */
function xmlLabel(label: Markup): string {
  return label.text.replaceAll('\\', '\\\\')
}

/** A text in quotes as it is meant, without entities or escapes: of a tool tip, Graphviz resolves escapes twice. */
function quoted(text: string): string {
  const lines = text.split('\n').map((line) => html`${xmlText(line)}`.text.replaceAll('\\', '\\\\\\\\'))
  return `"${lines.join('\\n')}"`
}

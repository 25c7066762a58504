import { graphlib, layout } from '@dagrejs/dagre'
import { type FlameFrame, frameKey } from '../../flamegraph/flame-tree.js'
import { collapsedDrawing } from '../../flowgraph/collapse.js'
import { shareColor } from '../../flowgraph/colors.js'
import {
  type Box,
  type Drawing,
  drawingOf,
  greatestShare,
  shareOf,
  withoutSmall,
} from '../../flowgraph/drawing.js'
import { flowGraphOf } from '../../flowgraph/flow-graph.js'
import { Colours } from './colours.js'
import type { Data } from './data.js'
import { drawn, element } from './dom.js'
import { Names } from './names.js'
import { bytes, change } from './text.js'
import type { Tree } from './trees.js'

/** More boxes than a person can follow; then smaller ones are left out. */
const MOST_BOXES = 50
/** Shares of all bytes. */
const SMALLEST = { smallestNode: 0.005, smallestEdge: 0.005 }
/** Of a longer chain the first and the last lines are shown. */
const LONGEST_CHAIN = 5

const TEXT = 16
const PADDING = 8
const WIDEST = 260

/** What is drawn: totals by node of the tree, of one state or of two. */
export interface FlowPicture {
  readonly tree: Tree
  /** Before and after, or one. */
  readonly states: readonly { readonly self: Float64Array; readonly total: Float64Array }[]
}

/** Which lines call which. */
export class Flow {
  readonly #box: HTMLElement
  readonly #data: Data
  readonly #names: Names
  readonly #frames: readonly FlameFrame[]
  readonly #numbers: ReadonlyMap<string, number>
  readonly #open: (frame: number) => void
  readonly #pen = element('canvas').getContext('2d')

  constructor(box: HTMLElement, data: Data, open: (frame: number) => void) {
    this.#box = box
    this.#data = data
    this.#names = new Names(data)
    this.#open = open
    const { head, stacks } = data
    this.#frames = Array.from({ length: this.#names.count }, (_, frame) => ({
      function: this.#names.function(frame),
      file: head.files[stacks.frameFiles[frame] as number] as string,
      line: stacks.frameLines[frame] as number,
    }))
    this.#numbers = new Map(this.#frames.map((frame, index) => [frameKey(frame), index]))
    if (this.#pen !== null) this.#pen.font = '12px system-ui, sans-serif'
  }

  show({ tree, states }: FlowPicture): void {
    const drawing = this.#drawing(tree, states)
    if (drawing.boxes.length === 0) {
      this.#box.replaceChildren(element('p', { class: 'soft' }, 'No line has any.'))
      return
    }
    const graph = new graphlib.Graph({ directed: true, multigraph: false })
      .setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 46, marginx: 12, marginy: 12 })
      .setDefaultEdgeLabel(() => ({}))
    const ids = new Map(drawing.boxes.map((box, index) => [box, String(index)]))
    const lines = drawing.boxes.map((box) => [...this.#linesOf(box, drawing), ...recursion(box, drawing)])
    lines.forEach((texts, index) => {
      const width = Math.max(...texts.map((text) => this.#width(text))) + 2 * PADDING
      graph.setNode(String(index), { width, height: texts.length * TEXT + PADDING })
    })
    for (const { from, to, bytes: amount } of drawing.arrows) {
      if (from === to) continue
      const label = amount.length > 1 ? change(difference(amount)) : bytes(amount[0] as number)
      const edge = { label, width: this.#width(label), height: TEXT, labelpos: 'c', amount }
      graph.setEdge(ids.get(from) as string, ids.get(to) as string, edge)
    }
    layout(graph)
    const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
    const parts = [
      ...this.#arrows(graph, drawing),
      ...drawing.boxes.map((box, index) =>
        this.#boxAt(graph.node(String(index)) as Place, box, lines[index] ?? [], drawing),
      ),
    ]
    this.#box.replaceChildren(
      element(
        'p',
        { class: 'soft' },
        'A box is a line, or several that do nothing but call the next: its own bytes / with what it calls. An arrow is a call.',
      ),
      element(
        'div',
        { class: 'flow', tabindex: 0, role: 'region', 'aria-label': 'Flow graph' },
        picture(width, height, parts),
      ),
    )
  }

  #drawing(tree: Tree, states: FlowPicture['states']): Drawing {
    const graphs = states.map(({ self, total }) =>
      flowGraphOf({
        ...{
          frames: this.#frames,
          nodeFrames: tree.frames,
          parents: tree.parents,
          ends: tree.ends,
          depths: tree.depths,
        },
        ...{ self, total, value: 'live', from: 0, at: 'end', time: 0 },
      }),
    )
    const all = drawingOf(graphs)
    let smallest = SMALLEST
    let kept = withoutSmall(all, smallest)
    while (kept.boxes.length > MOST_BOXES && smallest.smallestNode < 1) {
      smallest = { smallestNode: smallest.smallestNode * 1.5, smallestEdge: smallest.smallestEdge * 1.5 }
      kept = withoutSmall(all, smallest)
    }
    return collapsedDrawing(kept)
  }

  #linesOf({ lines, self, total }: Box, { totals }: Drawing): string[] {
    const half = Math.floor(LONGEST_CHAIN / 2)
    const texts = lines.map((line) => this.#cut(this.#names.short(this.#numbers.get(frameKey(line)) ?? 0)))
    const shown =
      texts.length > LONGEST_CHAIN
        ? [...texts.slice(0, half), `… ${texts.length - 2 * half} more lines …`, ...texts.slice(-half)]
        : texts
    if (totals.length > 1) return [...shown, `${change(difference(self))} / ${change(difference(total))}`]
    const share = Math.round(100 * shareOf(total[0] as number, totals[0] as number))
    return [...shown, `${bytes(self[0] as number)} / ${bytes(total[0] as number)} = ${share} %`]
  }

  #boxAt(
    { x, y, width, height }: Place,
    { lines, total }: Box,
    texts: readonly string[],
    { totals }: Drawing,
  ): SVGElement {
    const compared = totals.length > 1
    const [before, after] = total as readonly [number, number]
    const fill = compared
      ? new Colours(this.#data).difference(before, after)
      : shareColor(greatestShare(total, totals))
    const frame = this.#numbers.get(frameKey(lines.at(-1) as FlameFrame)) ?? 0
    const link = drawn(
      'a',
      { tabindex: 0, role: 'link', 'aria-label': texts.join(', '), class: compared ? '' : 'shared' },
      drawn('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 3, fill }),
      ...texts.map((text, line) =>
        drawn('text', { x: x - width / 2 + PADDING, y: y - height / 2 + (line + 1) * TEXT - 2 }, text),
      ),
    )
    link.addEventListener('click', () => this.#open(frame))
    link.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#open(frame)
    })
    return link
  }

  #arrows(graph: graphlib.Graph, { totals }: Drawing): SVGElement[] {
    return graph.edges().flatMap((edge) => {
      const { points, x, y, label, amount } = graph.edge(edge) as Arrow
      const path = points.map(
        ({ x: left, y: top }, index) => `${index === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`,
      )
      const width = 1 + 6 * greatestShare(amount, totals)
      return [
        drawn('path', { d: path.join(''), 'stroke-width': width.toFixed(1), 'marker-end': 'url(#tip)' }),
        drawn('text', { class: 'between', x, y: y + 4, 'text-anchor': 'middle' }, label),
      ]
    })
  }

  #cut(text: string): string {
    if (this.#width(text) <= WIDEST) return text
    let length = text.length
    while (length > 1 && this.#width(`${text.slice(0, length)}…`) > WIDEST) length--
    return `${text.slice(0, length)}…`
  }

  #width(text: string): number {
    return this.#pen?.measureText(text).width ?? text.length * 7
  }
}

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Arrow {
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly x: number
  readonly y: number
  readonly label: string
  readonly amount: readonly number[]
}

/** A line that calls itself says so: an arrow from a box to itself would lie across others. */
function recursion(box: Box, { arrows }: Drawing): string[] {
  const own = arrows.find(({ from, to }) => from === box && to === box)
  if (own === undefined) return []
  return [
    `calls itself: ${own.bytes.length > 1 ? change(difference(own.bytes)) : bytes(own.bytes[0] as number)}`,
  ]
}

function difference(values: readonly number[]): number {
  return (values[1] as number) - (values[0] as number)
}

function picture(width: number, height: number, parts: readonly SVGElement[]): SVGElement {
  const tip = drawn(
    'marker',
    {
      id: 'tip',
      viewBox: '0 0 8 8',
      refX: 7,
      refY: 4,
      markerWidth: 8,
      markerHeight: 8,
      orient: 'auto',
      markerUnits: 'userSpaceOnUse',
    },
    drawn('path', { d: 'M0 0L8 4L0 8Z' }),
  )
  return drawn('svg', { width, height, viewBox: `0 0 ${width} ${height}` }, drawn('defs', {}, tip), ...parts)
}

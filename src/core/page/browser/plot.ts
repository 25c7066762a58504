import type { Data, Profile } from './data.js'
import { drawn, element } from './dom.js'
import { plotPaths } from './plot-paths.js'
import { Slider } from './slider.js'
import { liveByDomain, nearestEdge, type Span } from './sums.js'
import { bytes, time } from './text.js'
import { ticks } from './ticks.js'

const LEFT = 62
const RIGHT = 14
const TOP = 8
const BOTTOM = 34
/** Height of the marks of collections, under the axis. */
const MARKS = 8
/** Pixels that a pointer may move in a click. */
const CLICK = 4

/** What a person does with the plot. */
export interface PlotEvents {
  span(span: Span): void
  /** A click, at the nearest edge. */
  moment(edge: number): void
}

/** Live bytes over time by domain, marks of collections, and a slider over it. */
export class Plot {
  readonly #data: Data
  readonly #profile: Profile
  readonly #live: readonly Float64Array[]
  readonly #other: Float64Array | undefined
  readonly #box: HTMLElement
  readonly #events: PlotEvents
  readonly #svg = drawn('svg', { 'aria-hidden': 'true', focusable: 'false' })
  readonly #tip = element('div', { class: 'tip', hidden: true })
  readonly #slider: Slider
  #view: Span
  #span: Span
  #width = 0

  constructor(box: HTMLElement, data: Data, events: PlotEvents) {
    const [profile, other] = data.profiles as readonly [Profile, Profile | undefined]
    this.#data = data
    this.#profile = profile
    this.#live = liveByDomain(data, profile)
    this.#other = other && sumOf(liveByDomain(data, other))
    this.#box = box
    this.#events = events
    this.#view = { from: 0, to: profile.steps }
    this.#span = this.#view
    this.#slider = new Slider(
      profile,
      (edge) => this.describe(edge),
      (span) => events.span(span),
    )
    box.append(this.#svg, ...this.#slider.thumbs, this.#tip)
    this.#listen()
    new ResizeObserver(() => this.#draw()).observe(box)
  }

  /** Domains that have bytes at any time. */
  get domains(): number[] {
    return this.#live.flatMap((list, domain) => (list.some((value) => value > 0) ? [domain] : []))
  }

  get isZoomed(): boolean {
    return this.#view.from > 0 || this.#view.to < this.#profile.steps
  }

  /** The time of an edge, as a person reads it. */
  describe(edge: number): string {
    const { edges } = this.#profile
    return time((edges[edge] as number) / 1e6, this.#step)
  }

  show(span: Span): void {
    this.#span = span
    this.#draw()
  }

  zoom(view: Span): void {
    this.#view = view.to - view.from < 2 ? around(view, this.#profile.steps) : view
    this.#draw()
  }

  zoomOut(): void {
    this.zoom({ from: 0, to: this.#profile.steps })
  }

  /** Seconds of a step. */
  get #step(): number {
    const { edges, steps } = this.#profile
    return (edges[steps] as number) / 1e6 / steps
  }

  #x(edge: number): number {
    const { edges } = this.#profile
    const [low, high] = [edges[this.#view.from] as number, edges[this.#view.to] as number]
    return LEFT + (((edges[edge] as number) - low) / (high - low)) * (this.#width - LEFT - RIGHT)
  }

  /** The edge nearest to a place in the box. */
  #edgeAt(x: number): number {
    const { edges } = this.#profile
    const [low, high] = [edges[this.#view.from] as number, edges[this.#view.to] as number]
    const part = (x - LEFT) / (this.#width - LEFT - RIGHT)
    const edge = nearestEdge(this.#profile, low + Math.min(1, Math.max(0, part)) * (high - low))
    return Math.min(this.#view.to, Math.max(this.#view.from, edge))
  }

  #draw(): void {
    const { width, height } = this.#box.getBoundingClientRect()
    if (width === 0) return
    this.#width = width
    const { edges, highs } = this.#profile
    const { from, to } = this.#view
    const bottom = height - BOTTOM
    let most = 0
    for (let step = from; step < to; step++) most = Math.max(most, highs[step] as number)
    if (this.#other !== undefined) for (const value of this.#other) most = Math.max(most, value)
    const scale = (bottom - TOP) / (most || 1)
    const paths = plotPaths(this.#data, this.#profile, this.#live, {
      view: this.#view,
      x: (edge) => this.#x(edge),
      y: (value) => bottom - value * scale,
      marks: { top: bottom + 2, height: MARKS },
    })
    const parts: SVGElement[] = []
    for (const value of ticks(0, most, 4)) {
      const y = bottom - value * scale
      parts.push(drawn('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y, y2: y }))
      parts.push(drawn('text', { x: LEFT - 6, y: y + 4, 'text-anchor': 'end' }, bytes(value)))
    }
    parts.push(...paths)
    const [low, high] = [(edges[from] as number) / 1e6, (edges[to] as number) / 1e6]
    for (const value of ticks(low, high, (width - LEFT - RIGHT) / 110)) {
      const x = LEFT + ((value - low) / (high - low)) * (width - LEFT - RIGHT)
      parts.push(
        drawn('text', { x, y: height - 4, 'text-anchor': 'middle' }, time(value, (high - low) / 100)),
      )
    }
    if (this.#other !== undefined) parts.push(this.#otherLine(bottom, scale))
    const [left, right] = [this.#clamped(this.#span.from), this.#clamped(this.#span.to)]
    parts.push(drawn('rect', { class: 'outside', x: LEFT, y: 0, width: left - LEFT, height: bottom + MARKS }))
    parts.push(
      drawn('rect', {
        class: 'outside',
        x: right,
        y: 0,
        width: width - RIGHT - right,
        height: bottom + MARKS,
      }),
    )
    for (const x of [left, right]) {
      parts.push(drawn('line', { class: 'edge', x1: x, x2: x, y1: 0, y2: bottom + MARKS }))
    }
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
    this.#svg.replaceChildren(
      ...parts,
      drawn('line', { class: 'cross', visibility: 'hidden', y1: 0, y2: bottom }),
    )
    this.#slider.place(this.#span, (edge) => this.#clamped(edge), bottom)
  }

  /** The other recording, by its own clock, from the same start. */
  #otherLine(bottom: number, scale: number): SVGElement {
    const profile = this.#data.profiles[1] as Profile
    const { edges } = this.#profile
    const [low, high] = [edges[this.#view.from] as number, edges[this.#view.to] as number]
    let path = ''
    this.#other?.forEach((value, edge) => {
      const at = profile.edges[edge] as number
      if (at < low || at > high) return
      const x = LEFT + ((at - low) / (high - low)) * (this.#width - LEFT - RIGHT)
      path += `${path === '' ? 'M' : 'L'}${x.toFixed(1)} ${(bottom - value * scale).toFixed(1)}`
    })
    return drawn('path', { class: 'other', d: path })
  }

  #clamped(edge: number): number {
    return this.#x(Math.min(this.#view.to, Math.max(this.#view.from, edge)))
  }

  #listen(): void {
    let start: { x: number; edge: number } | undefined
    const xOf = (event: PointerEvent) => event.clientX - this.#box.getBoundingClientRect().left
    const svg = this.#svg
    svg.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      start = { x: xOf(event), edge: this.#edgeAt(xOf(event)) }
      svg.setPointerCapture(event.pointerId)
    })
    svg.addEventListener('pointermove', (event) => {
      const x = xOf(event)
      this.#hover(x)
      if (start === undefined || Math.abs(x - start.x) < CLICK) return
      const edge = this.#edgeAt(x)
      const [from, to] = [Math.min(start.edge, edge), Math.max(start.edge, edge)]
      if (to > from) this.#events.span({ from, to })
    })
    svg.addEventListener('pointerup', (event) => {
      if (start !== undefined && Math.abs(xOf(event) - start.x) < CLICK) this.#events.moment(start.edge)
      start = undefined
    })
    svg.addEventListener('pointercancel', () => {
      start = undefined
    })
    svg.addEventListener('pointerleave', () => this.#hover(undefined))
  }

  #hover(x: number | undefined): void {
    const cross = this.#svg.querySelector('.cross')
    this.#tip.hidden = x === undefined || x < LEFT || x > this.#width - RIGHT
    if (x === undefined || this.#tip.hidden) {
      cross?.setAttribute('visibility', 'hidden')
      return
    }
    const edge = this.#edgeAt(x)
    const at = this.#x(edge)
    cross?.setAttribute('visibility', 'visible')
    cross?.setAttribute('x1', String(at))
    cross?.setAttribute('x2', String(at))
    this.#tip.replaceChildren(...this.#words(edge).map((text) => element('p', {}, text)))
    const right = at > this.#width / 2
    this.#tip.style.left = right ? '' : `${at + 10}px`
    this.#tip.style.right = right ? `${this.#width - at + 10}px` : ''
    this.#tip.style.top = '8px'
  }

  #words(edge: number): string[] {
    const { minor, major, pauses } = this.#profile
    const all = this.#live.reduce((sum, list) => sum + (list[edge] as number), 0)
    const words = [`${this.describe(edge)}: ${bytes(all)} live`]
    for (const domain of this.domains) {
      words.push(`${domainName(this.#data, domain)} ${bytes(this.#live[domain]?.[edge] as number)}`)
    }
    const step = Math.max(0, edge - 1)
    const [small, large] = [minor[step] as number, major[step] as number]
    if (small + large > 0) {
      const took = time((pauses[step] as number) / 1e6, 1e-5)
      words.push(`${small} minor, ${large} major collections, ${took}`)
    }
    return words
  }
}

/** `heap`, `array buffers`, `native`. */
export function domainName({ head }: Data, domain: number): string {
  const text = head.domains[domain] as string
  return text === 'arrayBuffer' ? 'array buffers' : text
}

function sumOf(lists: readonly Float64Array[]): Float64Array {
  return Float64Array.from(lists[0] ?? [], (_, edge) =>
    lists.reduce((sum, list) => sum + (list[edge] as number), 0),
  )
}

/** A span of one step cannot be seen: two more on each side. */
function around({ from, to }: Span, steps: number): Span {
  return { from: Math.max(0, from - 2), to: Math.min(steps, to + 2) }
}

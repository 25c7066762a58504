import { Colours } from './colours.js'
import type { StackData } from './data.js'
import { element } from './dom.js'
import type { FlamePicture } from './flame-picture.js'
import { type Box, boxesOf } from './layout.js'
import { Names } from './names.js'
import { bytes, change, percent } from './text.js'

const ROW = 20
/** Browsers refuse larger canvases. What is deeper comes up when one zooms. */
const MOST_ROWS = 600

/** A flame graph on a canvas: pointer and keys choose a box and zoom into it. */
export class Flame {
  readonly #names: Names
  readonly #canvas = element('canvas')
  readonly #scroll = element('div', {
    class: 'scroll',
    tabindex: 0,
    role: 'application',
    'aria-label': 'Flame graph: arrow keys move, Enter zooms, Escape zooms out',
    'aria-describedby': 'chosen',
  })
  readonly #chosen = element('div', { class: 'chosen', id: 'chosen', 'aria-live': 'polite' })
  readonly #tip = element('div', { class: 'tip', hidden: true })
  readonly #open: (frame: number) => void
  #colours: Colours
  #picture: FlamePicture | undefined
  #boxes: readonly Box[] = []
  #rows: Box[][] = []
  #zoomed = 0
  #current = 0

  /** `open` shows the line of a frame. */
  constructor(box: HTMLElement, data: StackData, open: (frame: number) => void) {
    this.#names = new Names(data)
    this.#colours = new Colours(data)
    this.#open = open
    box.classList.add('flame')
    this.#scroll.append(this.#canvas)
    box.append(this.#chosen, this.#scroll, this.#tip)
    this.#listen()
    new ResizeObserver(() => this.#draw()).observe(this.#scroll)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#colours = new Colours(data)
      this.#draw()
    })
  }

  show(picture: FlamePicture): void {
    if (picture.tree !== this.#picture?.tree) {
      this.#zoomed = 0
      this.#current = 0
    }
    this.#picture = picture
    this.#draw()
    this.#say()
  }

  zoom(node: number): void {
    this.#zoomed = node
    this.#current = node
    this.#draw()
    this.#say()
  }

  #draw(): void {
    const picture = this.#picture
    const width = this.#scroll.clientWidth
    if (picture === undefined || width === 0) return
    this.#boxes = boxesOf(picture.tree, picture.widths, this.#zoomed, width)
    this.#rows = []
    for (const box of this.#boxes) {
      const row = this.#rows[box.row]
      if (row === undefined) this.#rows[box.row] = [box]
      else row.push(box)
    }
    const rows = Math.min(this.#rows.length, MOST_ROWS)
    const ratio = window.devicePixelRatio || 1
    this.#canvas.width = Math.round(width * ratio)
    this.#canvas.height = Math.round(rows * ROW * ratio)
    this.#canvas.style.height = `${rows * ROW}px`
    const context = this.#canvas.getContext('2d')
    if (context === null) return
    context.scale(ratio, ratio)
    context.font = '12px system-ui, sans-serif'
    context.textBaseline = 'middle'
    for (const box of this.#boxes) this.#drawBox(context, picture, box)
  }

  #drawBox(context: CanvasRenderingContext2D, picture: FlamePicture, { node, x, width, row }: Box): void {
    const { tree, before, after, found } = picture
    const frame = tree.frames[node] as number
    const isAbove = node < this.#zoomed && row < (tree.depths[this.#zoomed] as number)
    const isFound = found?.[frame] === true && node !== 0
    const y = row * ROW
    const inner = Math.max(0.4, width - (width > 3 ? 1 : 0))
    context.globalAlpha = isAbove || (found !== undefined && !isFound) ? 0.45 : 1
    context.fillStyle = isFound
      ? this.#colours.found
      : before !== undefined
        ? this.#colours.difference(before[node] as number, after[node] as number)
        : this.#colours.kind(node === 0 ? 0 : frame)
    context.fillRect(x, y, inner, ROW - 1)
    context.globalAlpha = 1
    if (width > 30) {
      context.fillStyle =
        found !== undefined && !isFound
          ? this.#colours.ink
          : isFound
            ? this.#colours.paper
            : this.#colours.onBox
      const visible = Math.max(0, x)
      context.save()
      context.beginPath()
      context.rect(visible, y, inner - 4, ROW)
      context.clip()
      context.fillText(node === 0 ? 'all' : this.#names.short(frame), visible + 4, y + ROW / 2)
      context.restore()
    }
    if (node === this.#current && document.activeElement === this.#scroll) {
      context.strokeStyle = this.#colours.ink
      context.lineWidth = 2
      context.strokeRect(x + 1, y + 1, Math.max(1, inner - 2), ROW - 3)
    }
  }

  #listen(): void {
    const at = (event: MouseEvent): Box | undefined => {
      const { left, top } = this.#canvas.getBoundingClientRect()
      const x = event.clientX - left
      const row = this.#rows[Math.floor((event.clientY - top) / ROW)] ?? []
      return row.find((box) => x >= box.x && x < box.x + Math.max(box.width, 1))
    }
    this.#canvas.addEventListener('pointermove', (event) => this.#hover(at(event), event))
    this.#canvas.addEventListener('pointerleave', () => this.#hover(undefined))
    this.#canvas.addEventListener('click', (event) => {
      const box = at(event)
      if (box !== undefined) this.zoom(box.node)
    })
    this.#scroll.addEventListener('keydown', (event) => this.#key(event))
    this.#scroll.addEventListener('focus', () => this.#draw())
    this.#scroll.addEventListener('blur', () => this.#draw())
  }

  #key(event: KeyboardEvent): void {
    const { tree } = this.#picture as FlamePicture
    const parent = tree.parents[this.#current] as number
    const box = this.#boxes.find(({ node }) => node === this.#current)
    const row = this.#rows[box?.row ?? 0] ?? []
    const place = box === undefined ? 0 : row.indexOf(box)
    const below = this.#boxes.filter(({ node }) => node !== 0 && tree.parents[node] === this.#current)
    const widest = below.reduce<Box | undefined>(
      (best, next) => (best && best.width >= next.width ? best : next),
      undefined,
    )
    const ways: Readonly<Record<string, () => void>> = {
      ArrowDown: () => this.#move(widest?.node),
      ArrowUp: () => this.#move(parent),
      ArrowLeft: () => this.#move(row[place - 1]?.node),
      ArrowRight: () => this.#move(row[place + 1]?.node),
      Home: () => this.#move(0),
      Enter: () => this.zoom(this.#current),
      ' ': () => this.zoom(this.#current),
      Escape: () => this.zoom(tree.parents[this.#zoomed] as number),
      Backspace: () => this.zoom(0),
    }
    const act = ways[event.key]
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }

  #move(node: number | undefined): void {
    if (node === undefined) return
    this.#current = node
    this.#draw()
    this.#say()
    const row = this.#picture?.tree.depths[node] as number
    const { scrollTop, clientHeight } = this.#scroll
    if (row * ROW < scrollTop) this.#scroll.scrollTop = row * ROW
    else if ((row + 1) * ROW > scrollTop + clientHeight)
      this.#scroll.scrollTop = (row + 1) * ROW - clientHeight
  }

  #hover(box: Box | undefined, event?: PointerEvent): void {
    this.#tip.hidden = box === undefined
    if (box === undefined || event === undefined) return
    const frame = this.#picture?.tree.frames[box.node] as number
    const lines = [this.#amounts(box.node)]
    if (box.node !== 0) lines.unshift(this.#names.function(frame), this.#names.place(frame))
    this.#tip.replaceChildren(
      ...lines.filter((text) => text !== '').map((text) => element('p', {}, element('bdi', {}, text))),
    )
    const { left, top, width } = (this.#tip.parentElement as HTMLElement).getBoundingClientRect()
    const x = event.clientX - left
    this.#tip.style.left = x > width / 2 ? '' : `${x + 12}px`
    this.#tip.style.right = x > width / 2 ? `${width - x + 12}px` : ''
    this.#tip.style.top = `${event.clientY - top + 14}px`
  }

  #amounts(node: number): string {
    const { after, before } = this.#picture as FlamePicture
    const own = after[node] as number
    if (before === undefined) return `${bytes(own)}, ${percent(own, after[0] as number) || '0 %'}`
    const old = before[node] as number
    return `${change(own - old)}: ${bytes(old)} before, ${bytes(own)} after`
  }

  /** What the current box is, in words, and the way to its line. */
  #say(): void {
    const node = this.#current
    const frame = this.#picture?.tree.frames[node] as number
    if (node === 0) {
      this.#chosen.replaceChildren(element('span', { class: 'soft' }, `All: ${this.#amounts(0)}`))
      return
    }
    const open = element('button', { type: 'button' }, 'Callers and callees')
    open.addEventListener('click', () => this.#open(frame))
    this.#chosen.replaceChildren(
      element('b', {}, element('bdi', {}, this.#names.function(frame))),
      element('bdi', { class: 'place' }, this.#names.place(frame)),
      element('span', {}, this.#amounts(node)),
      open,
    )
  }
}

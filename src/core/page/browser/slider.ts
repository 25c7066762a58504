import type { Profile } from './data.js'
import { element } from './dom.js'
import type { Span } from './sums.js'

/** Steps that Page Up and Page Down go, as a part of all. */
const PAGE = 1 / 20

/** Two thumbs that choose a span: by pointer, and by the keys of a slider. At least one step is between them. */
export class Slider {
  readonly thumbs: readonly [HTMLElement, HTMLElement]
  readonly #profile: Profile
  readonly #describe: (edge: number) => string
  readonly #change: (span: Span) => void
  #span: Span
  #xOf: (edge: number) => number = () => 0

  constructor(profile: Profile, describe: (edge: number) => string, change: (span: Span) => void) {
    this.#profile = profile
    this.#describe = describe
    this.#change = change
    this.#span = { from: 0, to: profile.steps }
    this.thumbs = [this.#thumb('from', 'Start of the span'), this.#thumb('to', 'End of the span')]
  }

  /** `xOf` is where an edge is, in pixels. */
  place(span: Span, xOf: (edge: number) => number, height: number): void {
    this.#span = span
    this.#xOf = xOf
    for (const [index, end] of (['from', 'to'] as const).entries()) {
      const thumb = this.thumbs[index] as HTMLElement
      thumb.style.left = `${xOf(span[end])}px`
      thumb.style.height = `${height}px`
      const [least, most] = this.#limits(end)
      thumb.setAttribute('aria-valuemin', String(least))
      thumb.setAttribute('aria-valuemax', String(most))
      thumb.setAttribute('aria-valuenow', String(span[end]))
      thumb.setAttribute('aria-valuetext', this.#describe(span[end]))
    }
  }

  #limits(end: keyof Span): readonly [number, number] {
    return end === 'from' ? [0, this.#span.to - 1] : [this.#span.from + 1, this.#profile.steps]
  }

  #thumb(end: keyof Span, label: string): HTMLElement {
    const thumb = element('div', {
      class: 'thumb',
      role: 'slider',
      tabindex: 0,
      'aria-label': label,
      'aria-orientation': 'horizontal',
    })
    thumb.addEventListener('keydown', (event) => {
      const edge = this.#edgeOf(event.key, this.#span[end])
      if (edge === undefined) return
      event.preventDefault()
      this.#move(end, edge)
    })
    thumb.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      event.preventDefault()
      thumb.focus()
      thumb.setPointerCapture(event.pointerId)
    })
    thumb.addEventListener('pointermove', (event) => {
      if (!thumb.hasPointerCapture(event.pointerId)) return
      const left = (thumb.parentElement as HTMLElement).getBoundingClientRect().left
      this.#move(end, this.#nearest(event.clientX - left))
    })
    return thumb
  }

  #edgeOf(key: string, edge: number): number | undefined {
    const page = Math.max(1, Math.round(this.#profile.steps * PAGE))
    const ways: Readonly<Record<string, number>> = {
      ArrowRight: edge + 1,
      ArrowUp: edge + 1,
      ArrowLeft: edge - 1,
      ArrowDown: edge - 1,
      PageUp: edge + page,
      PageDown: edge - page,
      Home: 0,
      End: this.#profile.steps,
    }
    return ways[key]
  }

  #nearest(x: number): number {
    let low = 0
    let high = this.#profile.steps
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#xOf(middle) < x) low = middle + 1
      else high = middle
    }
    return low > 0 && x - this.#xOf(low - 1) < this.#xOf(low) - x ? low - 1 : low
  }

  #move(end: keyof Span, edge: number): void {
    const [least, most] = this.#limits(end)
    const moved = { ...this.#span, [end]: Math.min(most, Math.max(least, edge)) }
    if (moved[end] === this.#span[end]) return
    this.#span = moved
    this.#change(moved)
  }
}

import type { Measure, Span } from './sums.js'

export type View = 'flame' | 'lines' | 'flow' | 'line'

/** Everything that a person has chosen. */
export interface State {
  readonly span: Span
  readonly measure: Measure
  /** A domain by its number; undefined for all of them. */
  readonly domain: number | undefined
  readonly inner: boolean
  readonly inverted: boolean
  readonly search: string
  readonly view: View
  /** The frame that `line` shows. */
  readonly line: number | undefined
}

/** Holds the state, and has the page drawn once for any number of changes before the next picture. */
export class Store<T> {
  state: T
  readonly #draw: (state: T) => void
  #waits = false

  constructor(state: T, draw: (state: T) => void) {
    this.state = state
    this.#draw = draw
  }

  set(changes: Partial<T>): void {
    this.state = { ...this.state, ...changes }
    if (this.#waits) return
    this.#waits = true
    requestAnimationFrame(() => {
      this.#waits = false
      this.#draw(this.state)
    })
  }
}

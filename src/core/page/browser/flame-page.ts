import type { FlameData } from './data.js'
import { byId } from './dom.js'
import { Flame } from './flame.js'
import { pictureOf } from './flame-picture.js'
import { flameLegend } from './legend.js'
import { LineView } from './line-view.js'
import { Names } from './names.js'
import { Store } from './state.js'
import { greatest } from './sums.js'
import { type Look, Trees } from './trees.js'

/** Everything that a person has chosen. */
interface Choice extends Look {
  readonly search: string
  /** The frame whose callers and callees are shown. */
  readonly line: number | undefined
}

/** A flame graph, and below it the line that was chosen in it. */
export class FlamePage {
  readonly #data: FlameData
  readonly #names: Names
  readonly #trees: Trees
  readonly #store: Store<Choice>
  readonly #flame: Flame
  readonly #line: LineView
  #shown: number | undefined

  constructor(data: FlameData) {
    this.#data = data
    this.#names = new Names(data)
    this.#trees = new Trees(data, greatest(data.compared))
    const choice: Choice = { inner: false, inverted: false, search: '', line: undefined }
    this.#store = new Store(choice, (next) => this.#draw(next))
    const open = (line: number) => this.#store.set({ line })
    this.#flame = new Flame(byId('flame'), data, open)
    this.#line = new LineView(byId('line'), data, open)
    byId('kinds').append(...flameLegend(data.compared.before !== undefined))
    this.#controls()
    this.#draw(choice)
  }

  #controls(): void {
    byId('flame-out').addEventListener('click', () => this.#flame.zoom(0))
    const search = byId<HTMLInputElement>('search')
    search.value = '' // a browser that comes back to a page leaves what was chosen in it
    search.addEventListener('input', () => this.#store.set({ search: search.value }))
    for (const id of ['inner', 'inverted'] as const) {
      const box = byId<HTMLInputElement>(id)
      box.checked = false
      box.addEventListener('change', () => this.#store.set({ [id]: box.checked }))
    }
  }

  #draw({ inner, inverted, search, line }: Choice): void {
    const { compared } = this.#data
    this.#flame.show(pictureOf(this.#trees.tree({ inner, inverted }), compared, this.#names.found(search)))
    byId('line').hidden = line === undefined
    if (line === undefined) return
    this.#line.show(line, this.#trees.stacks(inner), compared)
    if (line !== this.#shown) byId('line-title').focus()
    this.#shown = line
  }
}

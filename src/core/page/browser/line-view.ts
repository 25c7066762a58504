import { around, type Neighbour } from './around.js'
import type { StackData } from './data.js'
import { element, name } from './dom.js'
import { Names } from './names.js'
import type { ComparedBytes } from './sums.js'
import { bytes, change, percent } from './text.js'
import type { Stacks } from './trees.js'

/** Neighbours that are listed. */
const MOST = 100

/** One line: who calls it, and what it calls. */
export class LineView {
  readonly #box: HTMLElement
  readonly #data: StackData
  readonly #names: Names
  readonly #open: (frame: number) => void

  constructor(box: HTMLElement, data: StackData, open: (frame: number) => void) {
    this.#box = box
    this.#data = data
    this.#names = new Names(data)
    this.#open = open
  }

  show(frame: number | undefined, stacks: Stacks, compared: ComparedBytes): void {
    if (frame === undefined) {
      this.#box.replaceChildren(element('p', { class: 'soft' }, 'Choose a line in one of the other views.'))
      return
    }
    const { total, totalBefore, callers, callees } = around(this.#data, stacks, compared, frame)
    const isCompared = compared.before !== undefined
    const amount = isCompared
      ? `${change(total - totalBefore)}: ${bytes(totalBefore)} before, ${bytes(total)} after`
      : `${bytes(total)} at it and in what it calls`
    const source = this.#names.source(frame)
    this.#box.replaceChildren(
      element('h3', { tabindex: -1, id: 'line-title' }, name(this.#names.function(frame))),
      element('p', {}, element('span', { class: 'place' }, name(this.#names.place(frame)))),
      ...(source === '' ? [] : [element('p', { class: 'source' }, name(source))]),
      element('p', {}, amount),
      element(
        'div',
        { class: 'pair' },
        this.#list('Called by', callers, total, isCompared, 'nothing: it is where the stack begins'),
        this.#list('Calls', callees, total, isCompared, 'nothing: it allocates itself'),
      ),
    )
  }

  #list(
    title: string,
    neighbours: readonly Neighbour[],
    all: number,
    isCompared: boolean,
    none: string,
  ): HTMLElement {
    const head = ['bytes', '', title.toLowerCase()].map((text, index) =>
      element('th', { scope: 'col', class: index === 2 ? 'wide' : 'number' }, text),
    )
    const rows = neighbours.slice(0, MOST).map(({ frame, bytes: own, before }) => {
      const sizes = isCompared ? [change(own - before), bytes(own)] : [bytes(own), percent(own, all)]
      const cells = sizes.map((text) => element('td', { class: 'number' }, text))
      return element('tr', {}, ...cells, element('td', { class: 'wide' }, ...this.#line(frame, none)))
    })
    const left = neighbours.length - MOST
    return element(
      'section',
      {},
      element('h4', {}, title),
      element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows)),
      ...(left > 0 ? [element('p', { class: 'soft' }, `${left} more are not shown.`)] : []),
    )
  }

  #line(frame: number, none: string): Node[] {
    if (frame < 0) return [element('span', { class: 'soft' }, none)]
    const button = element('button', { type: 'button', class: 'name' }, name(this.#names.function(frame)))
    button.addEventListener('click', () => this.#open(frame))
    return [
      button,
      document.createTextNode(' '),
      element('span', { class: 'place' }, name(this.#names.place(frame))),
    ]
  }
}

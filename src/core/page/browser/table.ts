import { groupDigits, threeDigits } from '../../text/format-size.js'
import type { Data } from './data.js'
import { element, name } from './dom.js'
import type { LineRow } from './lines.js'
import { Names } from './names.js'
import { bytes, change, doubtOf, percent } from './text.js'

/** Rows at first, and with each press of the button. */
const FIRST = 40
const MORE = 200

type Key = 'self' | 'total' | 'allocations' | 'error' | 'place'

interface Column {
  readonly key: Key | ''
  readonly title: string
  readonly kind: 'number' | 'wide'
  readonly cell: (row: LineRow, all: number) => string
}

/** What is in the table. */
export interface TableContent {
  readonly rows: readonly LineRow[]
  /** All bytes. */
  readonly all: number
  readonly compared: boolean
  readonly found: readonly boolean[] | undefined
}

const AMOUNTS: readonly Column[] = [
  { key: 'self', title: 'self', kind: 'number', cell: (row) => bytes(row.self) },
  { key: '', title: '', kind: 'number', cell: (row, all) => percent(row.self, all) },
  { key: 'total', title: 'total', kind: 'number', cell: (row) => bytes(row.total) },
  { key: '', title: '', kind: 'number', cell: (row, all) => percent(row.total, all) },
  { key: 'error', title: '±', kind: 'number', cell: doubt },
  {
    key: 'allocations',
    title: 'allocations',
    kind: 'number',
    cell: (row) => (row.self > 0 ? groupDigits(Math.round(threeDigits(row.allocations))) : ''),
  },
]

const DIFFERENCES: readonly Column[] = [
  { key: 'self', title: 'self', kind: 'number', cell: (row) => change(row.self - row.selfBefore) },
  { key: '', title: 'before', kind: 'number', cell: (row) => bytes(row.selfBefore) },
  { key: '', title: 'after', kind: 'number', cell: (row) => bytes(row.self) },
  { key: 'error', title: '±', kind: 'number', cell: ({ error }) => (error > 0 ? bytes(2 * error) : '') },
  { key: 'total', title: 'total', kind: 'number', cell: (row) => change(row.total - row.totalBefore) },
]

/** Lines with what they have: sorted by a press on a column's name, filtered by the search. */
export class Table {
  readonly #box: HTMLElement
  readonly #names: Names
  readonly #open: (frame: number) => void
  #content: TableContent | undefined
  #sorted: Key = 'self'
  #descending = true
  #shown = FIRST

  /** `open` shows a line by itself. */
  constructor(box: HTMLElement, data: Data, open: (frame: number) => void) {
    this.#box = box
    this.#names = new Names(data)
    this.#open = open
  }

  show(content: TableContent): void {
    if (content.compared !== this.#content?.compared || content.found !== this.#content?.found)
      this.#shown = FIRST
    this.#content = content
    this.#draw()
  }

  #draw(): void {
    const { rows, all, compared, found } = this.#content as TableContent
    const columns: readonly Column[] = [
      ...(compared ? DIFFERENCES : AMOUNTS),
      { key: 'place', title: 'function and line', kind: 'wide', cell: () => '' },
    ]
    const matching = found === undefined ? rows : rows.filter(({ frame }) => found[frame])
    const sorted = matching.toSorted((a, b) => this.#order(a, b))
    const body = sorted.slice(0, this.#shown).map((row) => this.#row(row, columns, all, compared))
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key
    this.#box.replaceChildren(
      element('table', {}, element('thead', {}, this.#head(columns)), element('tbody', {}, ...body)),
      ...this.#rest(matching.length),
    )
    if (focused !== undefined)
      this.#box.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus()
  }

  #head(columns: readonly Column[]): HTMLElement {
    const cells = columns.map(({ key, title, kind }) => {
      if (key === '') return element('th', { scope: 'col', class: kind }, title)
      const isSorted = key === this.#sorted
      const arrow = isSorted ? (this.#descending ? ' ▾' : ' ▴') : ''
      const button = element('button', { type: 'button', 'data-key': `sort-${key}` }, title + arrow)
      button.addEventListener('click', () => {
        this.#descending = isSorted ? !this.#descending : key !== 'place'
        this.#sorted = key
        this.#draw()
      })
      const order = isSorted ? (this.#descending ? 'descending' : 'ascending') : undefined
      return element('th', { scope: 'col', class: kind, 'aria-sort': order }, button)
    })
    return element('tr', {}, ...cells)
  }

  #row(row: LineRow, columns: readonly Column[], all: number, compared: boolean): HTMLElement {
    const cells = columns.map(({ key, kind, title, cell }) => {
      if (key === 'place') return element('td', { class: kind }, ...this.#line(row.frame))
      const grown = key === 'self' ? row.self - row.selfBefore : row.total - row.totalBefore
      const sign = compared && key !== '' && grown !== 0 ? (grown > 0 ? ' grew' : ' shrank') : ''
      return element('td', { class: kind + sign, 'data-name': title || undefined }, cell(row, all))
    })
    return element('tr', {}, ...cells)
  }

  #line(frame: number): Node[] {
    const button = element(
      'button',
      { type: 'button', class: 'name', 'data-key': `line-${frame}` },
      name(this.#names.function(frame)),
    )
    button.addEventListener('click', () => this.#open(frame))
    const parts: Node[] = [button, document.createTextNode(' ')]
    const place = this.#names.place(frame)
    if (place !== '') parts.push(element('span', { class: 'place' }, name(place)))
    const source = this.#names.source(frame)
    if (source !== '') parts.push(element('span', { class: 'source' }, name(source)))
    return parts
  }

  #rest(count: number): Node[] {
    if (count === 0) return [element('p', { class: 'soft' }, 'No line has any.')]
    const left = count - this.#shown
    if (left <= 0) return []
    const button = element(
      'button',
      { type: 'button', 'data-key': 'more' },
      `Show ${Math.min(MORE, left)} more of ${groupDigits(left)}`,
    )
    button.addEventListener('click', () => {
      this.#shown += MORE
      this.#draw()
    })
    return [element('p', {}, button)]
  }

  #order(a: LineRow, b: LineRow): number {
    const sign = this.#descending ? -1 : 1
    if (this.#sorted === 'place') {
      return sign * compareTexts(this.#names.place(a.frame), this.#names.place(b.frame))
    }
    const key = this.#sorted
    const value = (row: LineRow) =>
      key === 'self' ? row.self - row.selfBefore : key === 'total' ? row.total - row.totalBefore : row[key]
    return sign * (value(a) - value(b)) || b.total - a.total || a.frame - b.frame
  }
}

function doubt({ self, error }: LineRow): string {
  return self > 0 ? doubtOf(error, self) : ''
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

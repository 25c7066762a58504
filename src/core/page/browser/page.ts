import { groupDigits, threeDigits } from '../../text/format-size.js'
import type { Data, Profile } from './data.js'
import { byId, element } from './dom.js'
import { Flame } from './flame.js'
import { pictureOf } from './flame-picture.js'
import { Flow } from './flow.js'
import { flameLegend, swatch } from './legend.js'
import { LineView } from './line-view.js'
import { linesOf, sumOf } from './lines.js'
import { Names } from './names.js'
import { domainName, Plot } from './plot.js'
import { type State, Store, type View } from './state.js'
import { type Compared, compare, type Measure, nearestEdge, sumsOf } from './sums.js'
import { Table } from './table.js'
import { Tabs } from './tabs.js'
import { bytes, change, doubtOf } from './text.js'
import { Trees, totalsOf } from './trees.js'

/** Ties the controls, the state and the views together. */
export class Page {
  readonly #data: Data
  readonly #profile: Profile
  readonly #names: Names
  readonly #trees: Trees
  readonly #store: Store<State>
  readonly #plot: Plot
  readonly #tabs: Tabs<View>
  readonly #flame: Flame
  readonly #table: Table
  readonly #flow: Flow
  readonly #line: LineView
  #compared: Compared | undefined
  #asked = ''
  #found: boolean[] | undefined
  #search = ''

  constructor(data: Data) {
    this.#data = data
    this.#profile = data.profiles[0] as Profile
    this.#names = new Names(data)
    const whole = { from: 0, to: this.#profile.steps }
    this.#trees = new Trees(data, this.#weights())
    const state: State = {
      ...{ span: whole, measure: 'allocated', domain: undefined, inner: false, inverted: false },
      ...{ search: '', view: 'flame', line: undefined },
    }
    this.#store = new Store(state, (next) => this.#draw(next))
    const open = (frame: number) => this.#store.set({ line: frame, view: 'line' })
    this.#flame = new Flame(byId('flame'), data, open)
    this.#table = new Table(byId('view-lines'), data, open)
    this.#flow = new Flow(byId('view-flow'), data, open)
    this.#line = new LineView(byId('view-line'), data, open)
    this.#tabs = new Tabs<View>(document.querySelector('[role=tablist]') as HTMLElement, (view) =>
      this.#store.set({ view }),
    )
    this.#plot = new Plot(byId('plot'), data, {
      span: (span) => this.#store.set({ span }),
      moment: (edge) => this.#moment(edge),
    })
    this.#controls()
    this.#draw(state)
  }

  /** What decides where a box stands: everything that was ever allocated, in all recordings. */
  #weights(): Float64Array {
    const weights = new Float64Array(this.#data.traceCount)
    const domains = this.#data.head.domains.map(() => true)
    for (const profile of this.#data.profiles) {
      const { bytes: own } = sumsOf(
        this.#data,
        profile,
        { from: 0, to: profile.steps },
        { measure: 'allocated', domains },
      )
      own.forEach((value, trace) => {
        weights[trace] = (weights[trace] as number) + value
      })
    }
    return weights
  }

  /** What was live at a time. */
  #moment(edge: number): void {
    const to = Math.max(1, edge)
    const { span } = this.#store.state
    this.#store.set({ measure: 'live', span: { from: Math.min(span.from, to - 1), to } })
  }

  #controls(): void {
    const { steps, peakTime } = this.#profile
    const on = (id: string, act: () => void) => byId(id).addEventListener('click', act)
    on('whole', () => {
      this.#plot.zoomOut()
      this.#store.set({ span: { from: 0, to: steps } })
    })
    on('peak', () => this.#moment(nearestEdge(this.#profile, peakTime)))
    on('zoom', () => this.#zoom(() => this.#plot.zoom(this.#store.state.span)))
    on('unzoom', () => this.#zoom(() => this.#plot.zoomOut()))
    on('flame-out', () => this.#flame.zoom(0))
    byId('measure').addEventListener('change', (event) => {
      this.#store.set({ measure: (event.target as HTMLInputElement).value as Measure })
    })
    const domain = byId<HTMLSelectElement>('domain')
    domain.append(element('option', { value: '' }, 'all'))
    for (const index of this.#plot.domains) {
      domain.append(element('option', { value: index }, domainName(this.#data, index)))
    }
    domain.addEventListener('change', () => {
      this.#store.set({ domain: domain.value === '' ? undefined : Number(domain.value) })
    })
    const search = byId<HTMLInputElement>('search')
    search.addEventListener('input', () => this.#store.set({ search: search.value }))
    for (const id of ['inner', 'inverted'] as const) {
      const box = byId<HTMLInputElement>(id)
      box.addEventListener('change', () => this.#store.set({ [id]: box.checked }))
    }
    this.#legend()
  }

  #zoom(act: () => void): void {
    act()
    this.#store.set({})
  }

  #legend(): void {
    const [, other] = this.#data.profiles
    byId('legend').append(
      ...this.#plot.domains.map((domain) =>
        swatch(this.#data.head.domains[domain] as string, domainName(this.#data, domain)),
      ),
      swatch('soft', 'most within a step', 'line'),
      ...(other === undefined ? [] : [swatch('ink', other.name, 'dashes')]),
      swatch('soft', 'minor collections', 'tick'),
      swatch('mark', 'major collections', 'tick'),
    )
  }

  #draw(state: State): void {
    const { span, measure, domain, inner, inverted, view, search } = state
    const asked = `${span.from} ${span.to} ${measure} ${domain}`
    if (this.#compared === undefined || asked !== this.#asked) {
      const domains = this.#data.head.domains.map((_, index) => domain === undefined || domain === index)
      this.#compared = compare(this.#data, span, { measure, domains })
      this.#asked = asked
    }
    if (search !== this.#search) {
      this.#found = this.#names.found(search)
      this.#search = search
    }
    const compared = this.#compared
    this.#plot.show(span)
    this.#show(state)
    this.#answer(state, compared)
    this.#tabs.show(view)
    if (view === 'flame') this.#drawFlame(compared, inner, inverted)
    else if (view === 'flow') this.#drawFlow(compared, inner)
    else if (view === 'line') this.#line.show(state.line, this.#trees.stacks(inner), compared)
    else {
      const rows = linesOf(this.#data, this.#trees.stacks(true), compared)
      const all = sumOf(compared.after).bytes
      this.#table.show({ rows, all, compared: compared.before !== undefined, found: this.#found })
    }
  }

  #drawFlame(compared: Compared, inner: boolean, inverted: boolean): void {
    byId('kinds').replaceChildren(...flameLegend(compared.before !== undefined))
    this.#flame.show(pictureOf(this.#trees.tree({ inner, inverted }), compared, this.#found))
  }

  #drawFlow({ after, before }: Compared, inner: boolean): void {
    const tree = this.#trees.tree({ inner, inverted: false })
    const sums = before === undefined ? [after] : [before, after]
    const states = sums.map(({ bytes: own }) => {
      const self = new Float64Array(tree.parents.length)
      own.forEach((value, trace) => {
        const node = tree.traceNodes[trace] as number
        self[node] = (self[node] as number) + value
      })
      return { self, total: totalsOf(tree, own) }
    })
    this.#flow.show({ tree, states })
  }

  /** The controls say what the state is. */
  #show({ span, measure, inner, inverted }: State): void {
    const { steps } = this.#profile
    const radio = document.querySelector<HTMLInputElement>(`#measure input[value="${measure}"]`)
    if (radio !== null) radio.checked = true
    byId<HTMLInputElement>('inner').checked = inner
    byId<HTMLInputElement>('inverted').checked = inverted
    const isWhole = span.from === 0 && span.to === steps
    byId<HTMLButtonElement>('whole').disabled = isWhole && !this.#plot.isZoomed
    byId<HTMLButtonElement>('zoom').disabled = isWhole
    byId<HTMLButtonElement>('unzoom').disabled = !this.#plot.isZoomed
  }

  #answer({ span, measure }: State, { after, before }: Compared): void {
    const [from, to] = [this.#plot.describe(span.from), this.#plot.describe(span.to)]
    const { bytes: all, allocations, error } = sumOf(after)
    const when = measure === 'live' ? `at ${to}` : `from ${from} to ${to}`
    if (before !== undefined) {
      const old = sumOf(before)
      const isChange = measure === 'change'
      const doubt = 2 * Math.hypot(error, old.error)
      this.#say(
        change(all - old.bytes),
        `${isChange ? 'live' : words(measure)} ${when}: ${bytes(old.bytes)} ${isChange ? 'then' : 'before'}, ${bytes(all)} ${isChange ? 'at its end' : 'now'} (estimated${doubt > 0 ? `, ±${bytes(doubt)}` : ''})`,
      )
      return
    }
    const doubt = all > 0 ? `, ±${doubtOf(error, all)}` : ''
    this.#say(
      bytes(all),
      `${words(measure)} ${when}, in ${groupDigits(Math.round(threeDigits(allocations)))} allocations (estimated${doubt})`,
    )
  }

  #say(amount: string, rest: string): void {
    byId('answer').replaceChildren(element('b', {}, amount), ` ${rest}`)
  }
}

function words(measure: Measure): string {
  return measure === 'temporary'
    ? 'allocated and freed'
    : measure === 'retained'
      ? 'allocated, and live at the end,'
      : measure
}

/** Tabs whose panels are `view-<name>`: chosen by a press, and by the arrow keys. */
export class Tabs<Name extends string> {
  readonly #tabs: readonly HTMLElement[]
  readonly #choose: (name: Name) => void

  constructor(list: HTMLElement, choose: (name: Name) => void) {
    this.#tabs = Array.from(list.querySelectorAll<HTMLElement>('[role=tab]'))
    this.#choose = choose
    this.#tabs.forEach((tab, index) => {
      tab.addEventListener('click', () => this.#choose(nameOf<Name>(tab)))
      tab.addEventListener('keydown', (event) => {
        const last = this.#tabs.length - 1
        const ways: Readonly<Record<string, number>> = {
          ArrowRight: index === last ? 0 : index + 1,
          ArrowLeft: index === 0 ? last : index - 1,
          Home: 0,
          End: last,
        }
        const next = this.#tabs[ways[event.key] ?? -1]
        if (next === undefined) return
        event.preventDefault()
        next.focus()
        this.#choose(nameOf<Name>(next))
      })
    })
  }

  show(name: Name): void {
    for (const tab of this.#tabs) {
      const isChosen = nameOf(tab) === name
      tab.setAttribute('aria-selected', String(isChosen))
      tab.tabIndex = isChosen ? 0 : -1
      const panel = document.getElementById(`view-${nameOf(tab)}`)
      if (panel !== null) panel.hidden = !isChosen
    }
  }
}

function nameOf<Name extends string>(tab: HTMLElement): Name {
  return tab.id.slice('tab-'.length) as Name
}

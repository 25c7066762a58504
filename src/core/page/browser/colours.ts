import { KINDS } from '../data/format.js'
import type { StackData } from './data.js'

/** The colours of the page, as its style says them for the present scheme. */
export class Colours {
  readonly ink = property('--ink')
  readonly soft = property('--soft')
  readonly paper = property('--paper')
  readonly onBox = property('--on-box')
  readonly found = property('--found')
  readonly focus = property('--bar')
  readonly #kinds = KINDS.map((kind) =>
    property(kind === 'user' || kind === 'dependency' ? `--${kind}` : '--inner'),
  )
  readonly #grew = property('--grew')
  readonly #shrank = property('--shrank')
  readonly #same = property('--inner')
  readonly #data: StackData

  constructor(data: StackData) {
    this.#data = data
  }

  /** Of a frame, by whose code it is. */
  kind(frame: number): string {
    const kind = this.#data.stacks.frameKinds[frame] as number
    return this.#kinds[frame === 0 ? KINDS.indexOf('node') : kind] ?? this.#same
  }

  /** Of a difference: the stronger, the more of the greater of both it is. */
  difference(before: number, after: number): string {
    const most = Math.max(before, after)
    const share = most > 0 ? (after - before) / most : 0
    const strength = Math.round(100 * Math.sqrt(Math.abs(share)))
    return strength === 0
      ? this.#same
      : `color-mix(in srgb, ${share > 0 ? this.#grew : this.#shrank} ${strength}%, ${this.#same})`
  }
}

function property(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

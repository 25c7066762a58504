import type { Data, Profile } from './data.js'
import { drawn } from './dom.js'
import type { Span } from './sums.js'

/** Where things are in the picture. */
export interface PlotPlaces {
  readonly view: Span
  readonly x: (edge: number) => number
  readonly y: (bytes: number) => number
  readonly marks: { readonly top: number; readonly height: number }
}

/** The areas of the domains on top of each other, the line of the greatest within each step, marks of collections. */
export function plotPaths(
  { head }: Data,
  { highs, minor, major }: Profile,
  live: readonly Float64Array[],
  { view, x, y, marks }: PlotPlaces,
): SVGElement[] {
  const { from, to } = view
  const place = (edge: number, bytes: number) => `${x(edge).toFixed(1)} ${y(bytes).toFixed(1)}`
  const below = new Float64Array(to + 1)
  const areas = live.map((list, domain) => {
    let upper = ''
    let lower = ''
    for (let edge = from; edge <= to; edge++) {
      const base = below[edge] as number
      const top = base + (list[edge] as number)
      upper += `${edge === from ? 'M' : 'L'}${place(edge, top)}`
      lower = `L${place(edge, base)}${lower}`
      below[edge] = top
    }
    return drawn('path', { fill: `var(--${head.domains[domain]})`, d: `${upper}${lower}Z` })
  })
  let high = ''
  let small = ''
  let large = ''
  for (let step = from; step < to; step++) {
    high += `${step === from ? 'M' : 'L'}${place(step, highs[step] as number)}H${x(step + 1).toFixed(1)}`
    const mark = `M${((x(step) + x(step + 1)) / 2).toFixed(1)} ${marks.top}v`
    if ((minor[step] as number) > 0) small += `${mark}${marks.height / 2}`
    if ((major[step] as number) > 0) large += `${mark}${marks.height}`
  }
  return [
    ...areas,
    drawn('path', { class: 'high', d: high }),
    drawn('path', { class: 'minor', d: small }),
    drawn('path', { class: 'major', d: large }),
  ]
}

import { MOST_STEPS } from './format.js'

/** The steps that the time of a page is cut into. Times are whole microseconds. */
export class Steps {
  /** Step s is what happened after `edges[s]` and up to `edges[s + 1]`. */
  readonly edges: Float64Array

  constructor(edges: Float64Array) {
    this.edges = edges
  }

  /**
   * Steps of one length, and an edge at the peak, so that what was live then can be shown to the byte. A recording of no
   * duration is one step.
   */
  static of(duration: number, peak: number): Steps {
    const end = Math.max(1, duration)
    const count = Math.min(MOST_STEPS, end)
    const edges = new Set(Array.from({ length: count + 1 }, (_, step) => Math.round((step * end) / count)))
    if (peak > 0 && peak < end) edges.add(peak)
    return new Steps(Float64Array.from(edges).sort())
  }

  get count(): number {
    return this.edges.length - 1
  }

  /** The step that a time falls into: the first or the last one for times outside. */
  at(time: number): number {
    let low = 0
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (time > (this.edges[middle + 1] as number)) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Half as many, where `halved` says into which one each goes. The edge at `kept` stays. */
  half(kept: number): { readonly steps: Steps; readonly halved: Uint16Array } {
    const last = this.count
    const edges = this.edges.filter((edge, index) => index % 2 === 0 || index === last || edge === kept)
    const steps = new Steps(edges)
    return {
      steps,
      halved: Uint16Array.from({ length: last }, (_, step) => steps.at(this.edges[step + 1] as number)),
    }
  }
}

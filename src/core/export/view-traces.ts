import type { Domain } from '../types.js'

/** Estimates from samples: with fractions. */
export interface Amount {
  readonly bytes: number
  readonly allocations: number
}

/** What one stack allocated in one domain on one thread. */
export interface ViewTrace {
  /** Of the view's tree; 0 when no stack is known. */
  readonly node: number
  readonly domain: Domain
  /** `main`, `worker 3`, or `native thread 1` for one that runs no JavaScript. Equal in all processes. */
  readonly thread: string
  /** True when the stack was deeper than the recording kept. */
  readonly truncated: boolean
  /** Up to `view.time`. Zero in a view of a snapshot. */
  readonly allocated: Amount
  /** At `view.time`. */
  readonly live: Amount
}

/** What tells two traces of a view apart. */
export type ViewKey = Omit<ViewTrace, 'allocated' | 'live'>

interface Building {
  readonly key: ViewKey
  allocated: Amount
  live: Amount
}

/** Adds up equal stacks of several recordings. */
export class ViewTraces {
  readonly #traces = new Map<string, Building>()

  add(key: ViewKey, allocated: Amount, live: Amount): void {
    const { node, domain, thread, truncated } = key
    const text = `${node} ${domain} ${truncated} ${thread}`
    const known = this.#traces.get(text)
    if (known === undefined) {
      this.#traces.set(text, { key, allocated, live })
    } else {
      known.allocated = sum(known.allocated, allocated)
      known.live = sum(known.live, live)
    }
  }

  /** Those with most bytes first: allocated ones, then live ones. Equal ones stay in their order. */
  take(): readonly ViewTrace[] {
    const traces = Array.from(this.#traces.values(), ({ key, allocated, live }) =>
      Object.freeze({ ...key, allocated, live }),
    )
    traces.sort((a, b) => b.allocated.bytes - a.allocated.bytes || b.live.bytes - a.live.bytes)
    return Object.freeze(traces)
  }
}

function sum(left: Amount, right: Amount): Amount {
  return { bytes: left.bytes + right.bytes, allocations: left.allocations + right.allocations }
}

import type { Row } from './feed.js'

/** Keeps the rows of each symbol, and how they came in. */
export class RowCache {
  readonly #bySymbol = new Map<string, Row[]>()
  readonly #history: string[] = []

  add(row: Row): void {
    const rows = this.#bySymbol.get(row.symbol)
    if (rows === undefined) this.#bySymbol.set(row.symbol, [row])
    else rows.push(row)
    this.#history.push(`${row.symbol} at ${row.price}`)
  }

  latest(symbol: string): Row | undefined {
    return this.#bySymbol.get(symbol)?.at(-1)
  }

  get size(): number {
    return this.#history.length
  }
}

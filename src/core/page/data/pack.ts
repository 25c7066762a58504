import { gzipSync } from 'node:zlib'
import { type Column, type ColumnPlace, type ColumnPlaces, TYPES } from './format.js'

const ALIGNMENT = 8

/** Gives each column its place. */
export type Place = <Columns extends { readonly [name in keyof Columns]: Column }>(
  columns: Columns,
) => ColumnPlaces<Columns>

/**
 * The data as base64 of gzip: letters, digits, `+`, `/` and `=`, so that nothing in it can mean anything to a browser.
 * `headOf` makes the head of the places of its columns.
 */
export function pack<Head>(headOf: (place: Place) => Head): string {
  const columns = new Columns()
  const text = Buffer.from(JSON.stringify(headOf((given) => columns.placeAll(given))))
  const start = aligned(4 + text.length)
  const bytes = Buffer.alloc(start + columns.length)
  bytes.writeUInt32LE(text.length)
  text.copy(bytes, 4)
  columns.copyTo(bytes.subarray(start))
  return gzipSync(bytes).toString('base64')
}

class Columns {
  length = 0
  readonly #parts: { readonly at: number; readonly bytes: Uint8Array }[] = []

  placeAll<T extends { readonly [name in keyof T]: Column }>(columns: T): ColumnPlaces<T> {
    const places = Object.entries<Column>(columns).map(([name, column]) => [name, this.#place(column)])
    return Object.fromEntries(places)
  }

  copyTo(bytes: Uint8Array): void {
    for (const { at, bytes: part } of this.#parts) bytes.set(part, at)
  }

  #place(column: Column): ColumnPlace {
    const type = narrowest(column)
    const numbers = TYPES[type].from(column as ArrayLike<number>)
    const at = this.length
    this.#parts.push({ at, bytes: new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength) })
    this.length = aligned(at + numbers.byteLength)
    return [type, at, numbers.length]
  }
}

function narrowest(column: Column): keyof typeof TYPES {
  if (column instanceof Float32Array) return 'f32'
  let greatest = 0
  for (const value of column) {
    if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 32)) return 'f64'
    if (value > greatest) greatest = value
  }
  if (greatest < 2 ** 8) return 'u8'
  return greatest < 2 ** 16 ? 'u16' : 'u32'
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT
}

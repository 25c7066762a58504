import { gzipSync } from 'node:zlib'
import {
  type Column,
  type ColumnPlace,
  type PageHead,
  type StackColumns,
  type TimeColumns,
  TYPES,
} from './format.js'

/** A page's data before columns have places. */
export type Unpacked = Omit<PageHead, 'stacks' | 'profiles'> & {
  readonly stacks: StackColumns
  readonly profiles: readonly (Omit<PageHead['profiles'][number], 'columns'> & {
    readonly columns: TimeColumns
  })[]
}

const ALIGNMENT = 8

/** The data as base64 of gzip: letters, digits, `+`, `/` and `=`, so that nothing in it can mean anything to a browser. */
export function pack(data: Unpacked): string {
  const columns = new Columns()
  const head: PageHead = {
    ...data,
    stacks: columns.placeAll(data.stacks),
    profiles: data.profiles.map((profile) => ({ ...profile, columns: columns.placeAll(profile.columns) })),
  }
  const text = Buffer.from(JSON.stringify(head))
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

  placeAll<T extends { readonly [name in keyof T]: Column }>(columns: T): Record<keyof T, ColumnPlace> {
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

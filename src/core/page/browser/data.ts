import {
  type Column,
  type ColumnPlace,
  type ColumnPlaces,
  type FlameHead,
  type PageHead,
  type PageTexts,
  type StackColumns,
  type TimeColumns,
  type TreeColumns,
  TYPES,
} from '../data/format.js'
import type { Bytes, ComparedBytes } from './sums.js'

/** A recording as the page knows it. */
export interface Profile extends TimeColumns {
  readonly name: string
  readonly factors: readonly number[]
  readonly peakTime: number
  readonly peakBytes: number
  /** Number of steps. */
  readonly steps: number
  /** By step, and one more: the first cell that was born in it. */
  readonly cellStarts: Uint32Array
  /** By cell: its trace, in place of the difference that was stored. */
  readonly cellTraces: Uint32Array
}

/** Stacks, and the names of what they are made of. */
export interface StackData {
  readonly head: PageTexts
  readonly stacks: TreeColumns
  readonly traceCount: number
}

/** The data of a report page. */
export interface Data extends StackData {
  readonly head: PageHead
  readonly stacks: StackColumns
  readonly profiles: readonly Profile[]
}

/** The data of a page with a flame graph alone. */
export interface FlameData extends StackData {
  readonly compared: ComparedBytes
}

/** Reads what `data/pack.ts` wrote of a recording, or of two. */
export async function readData(base64: string): Promise<Data> {
  const { head, columnsOf } = await unpack<PageHead>(base64)
  const stacks = columnsOf<StackColumns>(head.stacks)
  const profiles = head.profiles.map((facts) => ({
    ...facts,
    ...cellsOf(columnsOf<TimeColumns>(facts.columns)),
  }))
  return { head, stacks, profiles, traceCount: stacks.traceNodes.length }
}

/** The same of a flame graph, or of a difference of two. */
export async function readFlameData(base64: string): Promise<FlameData> {
  const { head, columnsOf } = await unpack<FlameHead>(base64)
  const stacks = columnsOf<TreeColumns>(head.stacks)
  const states = head.states.map((places) => {
    const { bytes } = columnsOf<{ bytes: Column }>(places)
    return { bytes: Float64Array.from(bytes as ArrayLike<number>) }
  })
  const compared = { after: states.at(-1) as Bytes, before: states.length > 1 ? states[0] : undefined }
  return { head, stacks, traceCount: stacks.traceNodes.length, compared }
}

type ColumnsOf = <Columns>(places: ColumnPlaces<Columns>) => Columns

async function unpack<Head>(base64: string): Promise<{ head: Head; columnsOf: ColumnsOf }> {
  const text = atob(base64)
  const packed = new Uint8Array(text.length)
  for (let at = 0; at < packed.length; at++) packed[at] = text.charCodeAt(at)
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))
  const bytes = await new Response(stream).arrayBuffer()
  const length = new DataView(bytes).getUint32(0, true)
  const head: Head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)))
  const start = Math.ceil((4 + length) / 8) * 8
  const columnsOf: ColumnsOf = <Columns>(places: ColumnPlaces<Columns>): Columns => {
    const columns = Object.entries<ColumnPlace>(places).map(([name, [type, at, count]]) => {
      const column: Column = new TYPES[type](bytes, start + at, count)
      return [name, column]
    })
    return Object.fromEntries(columns)
  }
  return { head, columnsOf }
}

function cellsOf(columns: TimeColumns): TimeColumns & Pick<Profile, 'steps' | 'cellStarts' | 'cellTraces'> {
  const steps = columns.born.length
  const cellStarts = new Uint32Array(steps + 1)
  const cellTraces = new Uint32Array(columns.cellTraces.length)
  let cell = 0
  for (let step = 0; step < steps; step++) {
    cellStarts[step] = cell
    const end = cell + (columns.born[step] as number)
    for (let trace = 0; cell < end; cell++) {
      trace += columns.cellTraces[cell] as number
      cellTraces[cell] = trace
    }
  }
  cellStarts[steps] = cell
  return { ...columns, steps, cellStarts, cellTraces }
}

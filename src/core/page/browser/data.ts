import {
  type Column,
  type ColumnPlace,
  type PageHead,
  type StackColumns,
  type TimeColumns,
  TYPES,
} from '../data/format.js'

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

/** The page's data. */
export interface Data {
  readonly head: PageHead
  readonly stacks: StackColumns
  readonly profiles: readonly Profile[]
  readonly traceCount: number
}

/** Reads what `data/pack.ts` wrote. */
export async function readData(base64: string): Promise<Data> {
  const text = atob(base64)
  const packed = new Uint8Array(text.length)
  for (let at = 0; at < packed.length; at++) packed[at] = text.charCodeAt(at)
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))
  const bytes = await new Response(stream).arrayBuffer()
  const length = new DataView(bytes).getUint32(0, true)
  const head: PageHead = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)))
  const start = Math.ceil((4 + length) / 8) * 8
  const columnsOf = <T>(places: Readonly<Record<keyof T, ColumnPlace>>): T => {
    const columns = Object.entries<ColumnPlace>(places).map(([name, [type, at, count]]) => {
      const column: Column = new TYPES[type](bytes, start + at, count)
      return [name, column]
    })
    return Object.fromEntries(columns)
  }
  const stacks = columnsOf<StackColumns>(head.stacks)
  const profiles = head.profiles.map((facts) => ({
    ...facts,
    ...cellsOf(columnsOf<TimeColumns>(facts.columns)),
  }))
  return { head, stacks, profiles, traceCount: stacks.traceNodes.length }
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

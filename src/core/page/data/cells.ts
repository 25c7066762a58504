import { ALLOCATION, BYTE } from '../../format/amount.js'
import { NEVER, type TimeColumns } from './format.js'

/** With more the page would be slow; then steps are made longer. */
const MOST_CELLS = 2 ** 20

// A key holds birth, kind and death, so that the order of the keys is that of births.
const KIND = 2 ** 11
const BORN = 2 ** 38

/** Those of the columns of a recording that are made of cells. */
export type CellColumns = Pick<
  TimeColumns,
  'born' | 'cellTraces' | 'cellDeaths' | 'cellBytes' | 'cellAllocations' | 'cellVariances'
>

/** Objects of a trace that stand for equally many bytes and allocations, in units. */
interface Kind {
  readonly trace: number
  readonly bytes: number
  readonly allocations: number
}

/** Counts samples by kind, birth and death, while events are gone through. Nothing is rounded and nothing gets lost. */
export class Cells {
  readonly #most: number
  readonly #kinds: Kind[] = []
  /** By trace, then by bytes. */
  readonly #known = new Map<number, Map<number, number>>()
  #samples = new Map<number, number>()

  constructor(most: number = MOST_CELLS) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#samples.size > this.#most
  }

  alloc(trace: number, born: number, bytes: number, allocations: number): void {
    this.#add(keyOf(this.#kind(trace, bytes, allocations), born, NEVER), 1)
  }

  /**
   * `born` may be some steps off: an event that another thread had in its queue is written at the time of the one before
   * it, and an age counts from the true time. So the nearest birth is taken that has an object of this kind left.
   */
  free(trace: number, born: number, died: number, bytes: number, allocations: number): void {
    const kind = this.#kind(trace, bytes, allocations)
    for (let off = 0; born - off >= 0 || born + off <= died; off++) {
      for (const birth of off === 0 ? [born] : [born - off, born + off]) {
        if (birth < 0 || birth > died || !this.#samples.has(keyOf(kind, birth, NEVER))) continue
        this.#add(keyOf(kind, birth, NEVER), -1)
        this.#add(keyOf(kind, birth, died), 1)
        return
      }
    }
  }

  /** The same in longer steps: `halved` says into which one each goes. */
  halve(halved: Uint16Array): void {
    const samples = this.#samples
    this.#samples = new Map()
    for (const [key, count] of samples) {
      const died = key % KIND
      const death = died === NEVER ? NEVER : (halved[died] as number)
      this.#add(keyOf(kindOf(key), halved[birthOf(key)] as number, death), count)
    }
  }

  /** Cells of equal trace, birth and death are one. */
  columns(steps: number): CellColumns {
    const keys = Float64Array.from(this.#samples.keys(), (key) => {
      const { trace } = this.#kinds[kindOf(key)] as Kind
      return keyOf(trace, birthOf(key), key % KIND)
    }).sort()
    const cells = keys.filter((key, index) => key !== keys[index - 1])
    const places = new Map<number, number>()
    cells.forEach((key, cell) => {
      places.set(key, cell)
    })
    const cellBytes = new Float32Array(cells.length)
    const cellAllocations = new Float32Array(cells.length)
    const cellVariances = new Float32Array(cells.length)
    for (const [key, count] of this.#samples) {
      const { trace, bytes, allocations } = this.#kinds[kindOf(key)] as Kind
      const cell = places.get(keyOf(trace, birthOf(key), key % KIND)) as number
      cellBytes[cell] = (cellBytes[cell] as number) + (count * bytes) / BYTE
      cellAllocations[cell] = (cellAllocations[cell] as number) + (count * allocations) / ALLOCATION
      cellVariances[cell] =
        (cellVariances[cell] as number) + count * varianceOf(bytes / BYTE, allocations / ALLOCATION)
    }
    return { ...placesOf(cells, steps), cellBytes, cellAllocations, cellVariances }
  }

  #kind(trace: number, bytes: number, allocations: number): number {
    let kinds = this.#known.get(trace)
    if (kinds === undefined) {
      kinds = new Map()
      this.#known.set(trace, kinds)
    }
    let kind = kinds.get(bytes)
    if (kind === undefined) {
      kind = this.#kinds.push({ trace, bytes, allocations }) - 1
      kinds.set(bytes, kind)
    }
    return kind
  }

  #add(key: number, count: number): void {
    const sum = (this.#samples.get(key) ?? 0) + count
    if (sum === 0) this.#samples.delete(key)
    else this.#samples.set(key, sum)
  }
}

/** What a sample of so many bytes that stands for so many allocations adds: `reduce/trace-sum.ts` says why. */
function varianceOf(bytes: number, scale: number): number {
  return scale > 1 ? bytes * bytes * (1 - 1 / scale) : 0
}

function placesOf(
  cells: Float64Array,
  steps: number,
): Pick<CellColumns, 'born' | 'cellTraces' | 'cellDeaths'> {
  const born = new Uint32Array(steps)
  const cellTraces = new Uint32Array(cells.length)
  const cellDeaths = new Uint16Array(cells.length)
  let before = 0
  cells.forEach((key, cell) => {
    const birth = birthOf(key)
    const trace = kindOf(key)
    cellTraces[cell] = born[birth] === 0 ? trace : trace - before
    before = trace
    born[birth] = (born[birth] as number) + 1
    cellDeaths[cell] = key % KIND
  })
  return { born, cellTraces, cellDeaths }
}

/** A key of a kind, or of a trace in its place. */
function keyOf(kind: number, born: number, died: number): number {
  return born * BORN + kind * KIND + died
}

function birthOf(key: number): number {
  return Math.floor(key / BORN)
}

function kindOf(key: number): number {
  return Math.floor((key % BORN) / KIND)
}

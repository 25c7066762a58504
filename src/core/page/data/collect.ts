import { ALLOCATION, BYTE, nearestUnits } from '../../format/amount.js'
import { EVENT, type EventCursor } from '../../format/cursor.js'
import type { Reader } from '../../reader.js'
import { Cells } from './cells.js'
import type { TimeColumns } from './format.js'
import type { TraceNumbers } from './stacks.js'
import { Steps } from './steps.js'

/** V8's types of collections. Steps of marking and weak callbacks belong to one of these. */
const SCAVENGE = 1
const MINOR_MARK_SWEEP = 2
const MARK_COMPACT = 4

/** No memory is larger. */
const LARGEST = 2 ** 100

/** Events from one call of `progress` to the next. */
const EVENTS_A_STEP = 2 ** 16

export interface Collecting {
  /** By trace of the recording. */
  readonly traces: TraceNumbers
  /** By trace of the recording, as a number. */
  readonly domains: ArrayLike<number>
  /** What estimates are multiplied by, by domain. */
  readonly factors: readonly number[]
  readonly progress?: ((cursor: EventCursor, events: number) => void) | undefined
}

/** What all samples add up to, in the measure of the exact counters. */
export interface Totals {
  readonly samples: number
  /** Bytes allocated, and the relative standard error. */
  readonly allocated: number
  readonly error: number
  /** Bytes that were live at the end. */
  readonly live: number
}

/** Goes through the events of a recording once, and puts them into steps. */
export function collect(
  reader: Reader,
  { traces, domains, factors, progress }: Collecting,
): { columns: TimeColumns; totals: Totals } {
  const peak = Math.round(reader.peak().time * 1e6)
  let steps = Steps.of(Math.round(reader.duration * 1e6), peak)
  let highs = new Float64Array(steps.count)
  let collections = new Collections(steps.count)
  const cells = new Cells()
  const cursor = reader.cursor()
  let live = 0
  let [samples, allocated, variance] = [0, 0, 0]
  let step = 0
  for (let count = 1; cursor.next(); count++) {
    if (count % EVENTS_A_STEP === 0) progress?.(cursor, count)
    const { kind, time, trace } = cursor
    if (kind > EVENT.collection) continue
    while (step < steps.count - 1 && time > (steps.edges[step + 1] as number)) {
      step++
      highs[step] = live
    }
    if (kind === EVENT.collection) {
      collections.add(step, cursor.type, cursor.duration)
      continue
    }
    const number = traces[trace] as number
    if (number < 0) continue
    // Sizes of a damaged file can come to Infinity, and that less itself is no number.
    const bytes = Math.min(LARGEST, nearestUnits(cursor.size * cursor.scale * BYTE))
    const allocations = Math.min(LARGEST, nearestUnits(cursor.scale * ALLOCATION))
    const weighed = bytes * (factors[domains[trace] as number] as number)
    if (kind === EVENT.alloc) {
      cells.alloc(number, step, bytes, allocations)
      live += weighed
      samples++
      allocated += weighed
      variance += weighed * weighed * (1 - 1 / cursor.scale)
      highs[step] = Math.max(highs[step] as number, live)
    } else {
      cells.free(number, steps.at(time - cursor.age), step, bytes, allocations)
      live -= weighed
    }
    if (cells.isFull && steps.count > 1) {
      const { steps: longer, halved } = steps.half(peak)
      cells.halve(halved)
      highs = greatest(highs, halved, longer.count)
      collections = collections.halve(halved, longer.count)
      steps = longer
      step = halved[step] as number
    }
  }
  highs.fill(live, step + 1)
  const { minor, major, pauses } = collections
  const inBytes = highs.map((units) => Math.max(0, units / BYTE))
  const columns = { edges: steps.edges, highs: inBytes, minor, major, pauses, ...cells.columns(steps.count) }
  const error = allocated > 0 ? Math.sqrt(variance) / allocated : 0
  const totals = { samples, allocated: allocated / BYTE, error, live: Math.max(0, live) / BYTE }
  return { columns, totals }
}

function greatest(values: Float64Array, halved: Uint16Array, count: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(count)
  values.forEach((value, step) => {
    const into = halved[step] as number
    result[into] = Math.max(result[into] as number, value)
  })
  return result
}

/** Collections by step. */
class Collections {
  readonly minor: Float64Array
  readonly major: Float64Array
  /** Microseconds. */
  readonly pauses: Float64Array

  constructor(steps: number) {
    this.minor = new Float64Array(steps)
    this.major = new Float64Array(steps)
    this.pauses = new Float64Array(steps)
  }

  add(step: number, type: number, duration: number): void {
    const of = type === MARK_COMPACT ? this.major : this.minor
    if (![SCAVENGE, MINOR_MARK_SWEEP, MARK_COMPACT].includes(type)) return
    of[step] = (of[step] as number) + 1
    this.pauses[step] = (this.pauses[step] as number) + duration
  }

  halve(halved: Uint16Array, steps: number): Collections {
    const result = new Collections(steps)
    for (const column of ['minor', 'major', 'pauses'] as const) {
      this[column].forEach((value, step) => {
        const into = halved[step] as number
        result[column][into] = (result[column][into] as number) + value
      })
    }
    return result
  }
}

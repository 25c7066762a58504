import TinyQueue from 'tinyqueue'
import { HeapproofError } from '../errors.js'
import type { EventCursor } from '../format/cursor.js'
import type { Header } from '../format/header.js'

/** A recording as far as merging needs it. */
export interface Timed {
  readonly fileBase: string
  readonly header: Header | undefined
  cursor(): EventCursor
}

/** The greatest time between two recordings, in microseconds: 35 years. What is beyond is no clock's. */
const LONGEST = 2 ** 50

/** When the first of these recordings began, in milliseconds since 1970; 0 when none of them says. */
export function earliestStart(recordings: readonly { readonly header: Header | undefined }[]): number {
  let earliest = Number.POSITIVE_INFINITY
  for (const { header } of recordings) {
    if (header !== undefined && header.startTime > 0) earliest = Math.min(earliest, header.startTime)
  }
  return Number.isFinite(earliest) ? earliest : 0
}

/**
 * Microseconds from the earliest start to that of one recording; 0 when the recording does not say.
 *
 * @throws HeapproofError `damaged-profile` when that is more than 35 years.
 */
export function offsetOf({ fileBase, header }: Omit<Timed, 'cursor'>, earliest: number): number {
  if (header === undefined || !(header.startTime > 0)) return 0
  const offset = Math.round((header.startTime - earliest) * 1000)
  if (offset <= LONGEST) return offset
  const years = Math.round(offset / 1e6 / 86_400 / 365)
  throw new HeapproofError('damaged-profile', `${fileBase}: starts ${years} years after another recording`)
}

interface Turn {
  /** Of the recording in the list. */
  readonly input: number
  readonly cursor: EventCursor
  readonly offset: number
  time: number
}

/**
 * Goes through the events of several recordings in the order of absolute time; at equal times in the order of the list.
 * Holds one event of each.
 */
export class Interleaved {
  /** Which recording the current event is from. */
  input = 0
  /** Microseconds of the current event since the earliest start. */
  time = 0
  readonly #queue: TinyQueue<Turn>
  #current: Turn | undefined

  constructor(recordings: readonly Timed[]) {
    const earliest = earliestStart(recordings)
    const turns = recordings.flatMap((recording, input) => {
      const turn = { input, cursor: recording.cursor(), offset: offsetOf(recording, earliest), time: 0 }
      return advance(turn) ? [turn] : []
    })
    this.#queue = new TinyQueue(turns, before)
  }

  /** The current event, of the recording `input`. Its own time is from the start of that recording. */
  get event(): EventCursor {
    return (this.#current as Turn).cursor
  }

  next(): boolean {
    const current = this.#current
    if (current !== undefined && advance(current)) {
      const other = this.#queue.peek()
      if (other !== undefined && before(other, current) < 0) {
        this.#queue.push(current)
        this.#current = this.#queue.pop()
      }
    } else {
      this.#current = this.#queue.pop()
    }
    if (this.#current === undefined) return false
    this.input = this.#current.input
    this.time = this.#current.time
    return true
  }
}

function advance(turn: Turn): boolean {
  if (!turn.cursor.next()) return false
  turn.time = turn.offset + turn.cursor.time
  return true
}

function before(left: Turn, right: Turn): number {
  return left.time - right.time || left.input - right.input
}

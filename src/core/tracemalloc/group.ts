import { HeapproofError } from '../errors.js'
import { TraceSum } from '../reduce/trace-sum.js'
import { show } from '../text/show.js'
import type { Frame, Trace } from '../types.js'
import type { SnapshotTrace } from './content.js'
import { Statistic } from './statistic.js'
import { framesInFiles, newestFrame, Traceback } from './traceback.js'

/** What stacks must have in common to be one statistic: all frames, or of one frame its file, line or function. */
export type StatisticKey = 'traceback' | 'filename' | 'lineno' | 'function'

/** What of a frame makes a group. Only this is in the group's own frame; the rest is empty. */
const COMMON: Readonly<Record<StatisticKey, (frame: Frame) => Frame>> = {
  traceback: (frame) => frame,
  filename: ({ file }) => ({ function: '', file, line: 0, column: 0, approximate: false }),
  lineno: ({ file, line }) => ({ function: '', file, line, column: 0, approximate: false }),
  function: ({ function: name, file }) => ({ function: name, file, line: 0, column: 0, approximate: false }),
}

interface Place {
  readonly id: string
  readonly frame: Frame
}

interface Group {
  readonly traceback: Traceback
  readonly sum: TraceSum
}

/** Sorts stacks into groups. What two snapshots have in common gets the same name when one grouper does both. */
export class Grouper {
  readonly #key: StatisticKey
  readonly #cumulative: boolean
  /** Frames come as the same objects again and again, so this map asks for no text. */
  readonly #byFrame = new Map<Frame, Place>()
  readonly #byText = new Map<string, Place>()

  /** @throws HeapproofError `invalid-argument`, which begins with `what`. */
  constructor(what: string, key: StatisticKey, cumulative: boolean) {
    if (!Object.hasOwn(COMMON, key)) {
      throw new HeapproofError(
        'invalid-argument',
        `${what}: key must be 'traceback', 'filename', 'lineno' or 'function', received ${show(key)}`,
      )
    }
    if (cumulative && key === 'traceback') {
      throw new HeapproofError(
        'invalid-argument',
        `${what}: cumulative counts the frames of a stack one by one: use it with 'filename', 'lineno' or 'function'`,
      )
    }
    this.#key = key
    this.#cumulative = cumulative
  }

  /** The statistic of each group, by its name. */
  statistics(traces: Iterable<SnapshotTrace>): Map<string, Statistic> {
    const groups = new Map<string, Group>()
    for (const entry of traces) {
      const sum = TraceSum.ofLive(entry)
      if (this.#key === 'traceback') {
        const name = framesInFiles(entry.trace).map((frame) => this.#placeOf(frame).id)
        add(groups, name.join(), sum, () => Traceback.of(entry.trace))
      } else {
        for (const { id, frame } of this.#placesOf(entry.trace)) {
          add(groups, id, sum, () => new Traceback([frame]))
        }
      }
    }
    return new Map(Array.from(groups, ([name, group]) => [name, statisticOf(group)]))
  }

  /** Where a stack counts. In how many frames it goes through a place, as recursion does, makes no difference. */
  #placesOf(trace: Trace): Iterable<Place> {
    if (!this.#cumulative) return [this.#placeOf(newestFrame(trace))]
    return new Set(framesInFiles(trace).map((frame) => this.#placeOf(frame)))
  }

  #placeOf(frame: Frame): Place {
    const known = this.#byFrame.get(frame)
    if (known !== undefined) return known
    const common = COMMON[this.#key](frame)
    const text = `${common.line}:${common.column}\0${common.file}\0${common.function}`
    const place = this.#byText.get(text) ?? { id: String(this.#byText.size), frame: common }
    this.#byText.set(text, place)
    this.#byFrame.set(frame, place)
    return place
  }
}

function add(groups: Map<string, Group>, name: string, sum: TraceSum, traceback: () => Traceback): void {
  let group = groups.get(name)
  if (group === undefined) {
    group = { traceback: traceback(), sum: new TraceSum(0) }
    groups.set(name, group)
  }
  group.sum.merge(sum)
}

function statisticOf({ traceback, sum }: Group): Statistic {
  const { bytes, allocations, samples, error } = sum
  return new Statistic({ traceback, size: bytes, count: allocations, samples, error })
}

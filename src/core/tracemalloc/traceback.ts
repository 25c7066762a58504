import { HeapproofError } from '../errors.js'
import { classify } from '../frames/classify.js'
import { SourceText } from '../frames/source-text.js'
import { show } from '../text/show.js'
import type { Frame, Trace } from '../types.js'

/** What stands where nothing is known of a stack. */
const UNKNOWN: Frame = Object.freeze({
  function: '(unknown)',
  file: '<unknown>',
  line: 0,
  column: 0,
  approximate: false,
})

/** A minified file is one line: nobody reads all of it below a frame. */
const LONGEST_LINE = 200

/** The frames of a stack that lie in a file, leaf first; `<unknown>` when there is none. */
export function framesInFiles(trace: Trace): readonly Frame[] {
  const frames = trace.frames.filter(({ file }) => file !== '')
  return frames.length === 0 ? [UNKNOWN] : frames
}

/** The frame in a file that is closest to the leaf. */
export function newestFrame(trace: Trace): Frame {
  return trace.frames.find(({ file }) => file !== '') ?? UNKNOWN
}

/**
 * The frames of a stack as tracemalloc has them: from the oldest call to the newest. Built-in functions of V8, which
 * have no file, are left out, as functions in C are left out of Python's. There is at least one frame: of a stack of
 * which nothing is known it is `<unknown>`, line 0.
 *
 * A group of stacks, as in a statistic by line or file, has one frame, with what the group has in common.
 */
export class Traceback implements Iterable<Frame> {
  readonly frames: readonly Frame[]
  /** True when the stack was deeper than the recording kept: then the oldest frames are missing. */
  readonly truncated: boolean

  /** `frames` from the oldest to the newest. */
  constructor(frames: readonly Frame[], truncated = false) {
    this.frames = Object.freeze([...frames])
    this.truncated = truncated
    Object.freeze(this)
  }

  /** The traceback of a trace. */
  static of(trace: Trace): Traceback {
    return new Traceback([...framesInFiles(trace)].reverse(), trace.truncated)
  }

  /** Number of frames. */
  get length(): number {
    return this.frames.length
  }

  /** The frame at an index, from 0, the oldest; from the newest when negative, which is -1. Undefined beyond. */
  at(index: number): Frame | undefined {
    return this.frames.at(index)
  }

  /** Some of the frames, by the rules of `Array.prototype.slice`. */
  slice(start?: number, end?: number): Frame[] {
    return this.frames.slice(start, end)
  }

  /** Whether a frame of the same place is one of these. */
  includes(frame: Frame): boolean {
    return this.frames.some((own) => compareFrames(own, frame) === 0)
  }

  [Symbol.iterator](): IterableIterator<Frame> {
    return this.frames.values()
  }

  /** Whether both have the same frames: function, file, line and column. */
  equals(other: Traceback): boolean {
    return this.compare(other) === 0
  }

  /**
   * Below 0 when this comes before `other`, above when it comes behind, 0 when they are equal: frame by frame from the
   * oldest, each by file, line, column and function. The shorter one comes first when the longer begins with it.
   */
  compare(other: Traceback): number {
    const shared = Math.min(this.length, other.length)
    for (let i = 0; i < shared; i++) {
      const order = compareFrames(this.frames[i] as Frame, other.frames[i] as Frame)
      if (order !== 0) return order
    }
    return this.length - other.length
  }

  /**
   * One line for each frame, and a second one with the text of its line where that is found:
   *
   *       File "/app/src/cache.ts", line 14
   *         entries.set(key, new Map())
   *
   * @param limit Above 0: only so many of the newest frames. Below 0: all but so many of the newest. 0: none.
   * @param mostRecentFirst Whether the newest frame comes first, not last.
   * @param source The folder that source text may come from, the working folder unless given: see {@link SourceText}.
   *   Give a `SourceText` to format many tracebacks: it reads each file once.
   * @throws HeapproofError `invalid-argument` when `limit` is no whole number.
   */
  format(limit?: number, mostRecentFirst = false, source: string | SourceText = process.cwd()): string[] {
    if (limit !== undefined && !Number.isInteger(limit)) {
      throw new HeapproofError(
        'invalid-argument',
        `format: limit must be a whole number of frames, received ${show(limit)}`,
      )
    }
    const text = typeof source === 'string' ? new SourceText(source) : source
    const chosen = limit === undefined ? this.slice() : limit > 0 ? this.slice(-limit) : this.slice(0, limit)
    if (mostRecentFirst) chosen.reverse()
    return chosen.flatMap(({ file, line }) => {
      const own = `  File "${file}", line ${line}`
      const source = shorten(text.line(file, line)?.trim() ?? '')
      return source === '' ? [own] : [own, `    ${source}`]
    })
  }

  /**
   * File and line of the oldest frame, as tracemalloc has it. What Node itself does below a program is passed over, for
   * every stack begins with it.
   */
  toString(): string {
    const oldest = this.frames.find(({ file }) => classify(file) !== 'node') ?? this.frames[0] ?? UNKNOWN
    // Groups by function have a name, and no line.
    if (oldest.line === 0 && oldest.function !== '' && oldest !== UNKNOWN) {
      return `${oldest.function} (${oldest.file})`
    }
    return `${oldest.file}:${oldest.line}`
  }
}

function compareFrames(left: Frame, right: Frame): number {
  return (
    compareText(left.file, right.file) ||
    left.line - right.line ||
    left.column - right.column ||
    compareText(left.function, right.function)
  )
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function shorten(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line
}

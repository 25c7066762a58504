import { classify, isOfProgram } from '../frames/classify.js'
import type { Frame, Trace } from '../types.js'

const UNKNOWN: Frame = { function: '(unknown)', file: '', line: 0, column: 0, approximate: false }

export interface Place {
  /** The same for all frames on the same line of the same function. */
  readonly id: number
  readonly excluded: boolean
}

/** Knows each frame's place. Frames come as the same objects again and again, so the map asks for no text. */
export class Places {
  readonly #exclude: ((frame: Frame) => boolean) | undefined
  readonly #byFrame = new Map<Frame, Place>()
  readonly #ids = new Map<string, number>()

  constructor(exclude: ((frame: Frame) => boolean) | undefined) {
    this.#exclude = exclude
  }

  of(frame: Frame): Place {
    let place = this.#byFrame.get(frame)
    if (place === undefined) {
      place = { id: this.#idOf(frame), excluded: this.#isExcluded(frame) }
      this.#byFrame.set(frame, place)
    }
    return place
  }

  #idOf(frame: Frame): number {
    const key = `${frame.line}\0${frame.file}\0${frame.function}`
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.#ids.size)
    return this.#ids.size - 1
  }

  #isExcluded(frame: Frame): boolean {
    return !isOfProgram(frame.file) || this.#exclude?.(frame) === true
  }
}

/**
 * Whether heapproof itself allocated, in its start and stop for example: then it is nobody's site. On the way from the
 * leaf to the root, what a measured function allocates comes through the function first, what we do through heapproof,
 * and both end in the caller.
 */
export function isOwn(trace: Trace): boolean {
  for (const frame of trace.frames) {
    const own = ownership(frame)
    if (own !== undefined) return own
  }
  return false
}

/** Whether a frame settles {@link isOwn}, and how; undefined when its caller is to be asked. */
export function ownership({ file }: Frame): boolean | undefined {
  if (classify(file) === 'heapproof') return true
  return isOfProgram(file) ? false : undefined
}

/** The frame a trace is charged to. */
export function siteOf(trace: Trace, places: Places): Frame {
  return trace.frames.find((frame) => !places.of(frame).excluded) ?? trace.frames[0] ?? UNKNOWN
}

/** The places a trace goes through, each once even when it is recursive. Its own site is always one of them. */
export function placesOn(trace: Trace, site: Frame, places: Places): Set<number> {
  const ids = new Set([places.of(site).id])
  for (const frame of trace.frames) {
    const place = places.of(frame)
    if (!place.excluded) ids.add(place.id)
  }
  return ids
}

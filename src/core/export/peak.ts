import { EVENT } from '../format/cursor.js'
import { Interleaved, type Timed } from '../merge/interleave.js'

/** A recording whose live bytes are added up. */
export interface Weighed extends Timed {
  /** What to multiply the bytes of each trace by: 0 leaves it out. */
  readonly factors: ArrayLike<number>
}

/** Sums of fractions in different order differ in their last digits: a peak that comes back is the same peak. */
const SAME = 1 + 1e-9

/**
 * When most bytes were live in all recordings together: microseconds since the earliest start. The first such time when
 * there are several, and the state is that after all events of that microsecond.
 */
export function peakTime(recordings: readonly Weighed[]): number {
  const events = new Interleaved(recordings)
  let live = 0
  let time = 0
  let peak = 0
  let peakedAt = 0
  const look = (): void => {
    if (live <= peak * SAME) return
    peak = live
    peakedAt = time
  }
  while (events.next()) {
    if (events.time > time) {
      look()
      time = events.time
    }
    const { kind, size, scale, trace } = events.event
    if (kind > EVENT.free) continue
    const bytes = size * scale * ((recordings[events.input] as Weighed).factors[trace] as number)
    live += kind === EVENT.alloc ? bytes : -bytes
  }
  look()
  return peakedAt
}

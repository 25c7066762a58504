import { NEVER } from '../data/format.js'
import type { Data, Profile } from './data.js'

/** Which bytes are asked for. */
export type Measure = 'allocated' | 'temporary' | 'retained' | 'live' | 'change'

/** Edges of steps, by number: what happened after `from` and up to `to`. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Bytes by trace. */
export interface Bytes {
  readonly bytes: Float64Array
}

/** What each trace has. */
export interface Sums extends Bytes {
  readonly allocations: Float64Array
  /** Of the bytes. */
  readonly variance: Float64Array
}

/** Two states: bytes are `after`, differences are from `before`. */
export interface ComparedBytes {
  readonly after: Bytes
  /** Undefined when nothing is compared. */
  readonly before: Bytes | undefined
}

/** What is asked of each of two states. */
export interface Compared extends ComparedBytes {
  readonly after: Sums
  readonly before: Sums | undefined
}

export interface Question {
  readonly measure: Measure
  /** By the number of a domain: whether it counts. */
  readonly domains: readonly boolean[]
}

/** One pass over the cells that were born in time: some milliseconds for a million. */
export function sumsOf(
  data: Data,
  profile: Profile,
  { from, to }: Span,
  { measure, domains }: Question,
): Sums {
  const { traceCount, stacks } = data
  const factors = profile.factors.map((factor, domain) => (domains[domain] ? factor : 0))
  const bytes = new Float64Array(traceCount)
  const allocations = new Float64Array(traceCount)
  const variance = new Float64Array(traceCount)
  const { cellTraces, cellDeaths, cellBytes, cellAllocations, cellVariances, cellStarts } = profile
  const whenever = measure === 'live'
  const first = cellStarts[whenever ? 0 : from] as number
  const last = cellStarts[to] as number
  // A death in step s is before the edge s + 1, which is the first one that does not see the object.
  const [leastDeath, mostDeath] =
    measure === 'allocated' ? [0, NEVER] : measure === 'temporary' ? [0, to - 1] : [to, NEVER]
  for (let cell = first; cell < last; cell++) {
    const death = cellDeaths[cell] as number
    if (death < leastDeath || death > mostDeath) continue
    const trace = cellTraces[cell] as number
    const factor = factors[stacks.traceDomains[trace] as number] as number
    if (factor === 0) continue
    bytes[trace] = (bytes[trace] as number) + (cellBytes[cell] as number) * factor
    allocations[trace] = (allocations[trace] as number) + (cellAllocations[cell] as number) * factor
    variance[trace] = (variance[trace] as number) + (cellVariances[cell] as number) * factor * factor
  }
  return { bytes, allocations, variance }
}

/** Both sides of a question: two times for `change`, two profiles when there are two. */
export function compare(data: Data, span: Span, question: Question): Compared {
  const [profile, other] = data.profiles as readonly [Profile, Profile | undefined]
  if (question.measure === 'change') {
    const live: Question = { ...question, measure: 'live' }
    return {
      after: sumsOf(data, profile, span, live),
      before: sumsOf(data, profile, { from: 0, to: span.from }, live),
    }
  }
  const after = sumsOf(data, profile, span, question)
  if (other === undefined) return { after, before: undefined }
  return { after, before: sumsOf(data, other, sameTime(profile, other, span), question) }
}

/** The span of another recording that is nearest in seconds. */
export function sameTime(profile: Profile, other: Profile, { from, to }: Span): Span {
  const end = profile.steps
  const edge = (index: number): number => {
    if (index === 0) return 0
    return index === end ? other.steps : nearestEdge(other, profile.edges[index] as number)
  }
  return { from: edge(from), to: edge(to) }
}

/** The edge nearest to a time in microseconds. */
export function nearestEdge({ edges }: Pick<Profile, 'edges'>, time: number): number {
  let low = 0
  let high = edges.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((edges[middle] as number) < time) low = middle + 1
    else high = middle
  }
  const before = Math.max(0, low - 1)
  return time - (edges[before] as number) < (edges[low] as number) - time ? before : low
}

/** Live bytes by domain at each edge. */
export function liveByDomain({ stacks }: Data, profile: Profile): Float64Array[] {
  const live = profile.factors.map(() => new Float64Array(profile.steps + 1))
  const { cellTraces, cellDeaths, cellBytes, cellStarts } = profile
  for (let step = 0; step < profile.steps; step++) {
    for (let cell = cellStarts[step] as number; cell < (cellStarts[step + 1] as number); cell++) {
      const domain = stacks.traceDomains[cellTraces[cell] as number] as number
      const list = live[domain] as Float64Array
      const size = cellBytes[cell] as number
      list[step + 1] = (list[step + 1] as number) + size
      const death = cellDeaths[cell] as number
      if (death !== NEVER) list[death + 1] = (list[death + 1] as number) - size
    }
  }
  live.forEach((list, domain) => {
    let sum = 0
    for (let edge = 0; edge < list.length; edge++) {
      sum += list[edge] as number
      list[edge] = Math.max(0, sum * (profile.factors[domain] as number))
    }
  })
  return live
}

/** By trace: the greater of both states, so that what shrank to nothing can be seen as well. */
export function greatest({ after, before }: ComparedBytes): Float64Array {
  if (before === undefined) return after.bytes
  return after.bytes.map((value, trace) => Math.max(value, before.bytes[trace] as number))
}

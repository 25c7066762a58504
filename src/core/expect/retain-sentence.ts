import { growthOf } from '../measure/retained/growth.js'
import { formatSize, type ParsedSize } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import type { Domain } from '../types.js'
import type { SentenceContext } from './matcher.js'
import { liveParagraphs, message } from './paragraphs.js'
import type { RetainTold } from './retain-less-than.js'
import { SURE } from './without-ignored.js'

/** The message of a failed limit on what is retained. */
export function retainSentence(told: RetainTold, limit: ParsedSize, context: SentenceContext): string {
  const { shown } = told
  const note = `what ${plural(shown.calls, 'call')} left behind, after a full collection`
  return message(context, [
    numbers(told, limit, context.isNot),
    ...liveParagraphs(shown, note, limit.family, context),
  ])
}

function numbers({ found, remaining }: RetainTold, limit: ParsedSize, isNot: boolean): string[] {
  const size = (bytes: number) => formatSize(whole(bytes), limit.family)
  const { verdict, series } = found
  const { perCall, perCallOf, calls } = series
  const { slope, low, high } = growthOf(perCall)
  const of = (domain: Domain) => size(growthOf(perCallOf[domain]).slope)
  const first = `limit      ${isNot ? 'at least ' : ''}${formatSize(limit.bytes, limit.family)} a call`
  const by = `by ${plural(perCall.length, 'round')} of ${plural(calls, 'call')}`
  if (verdict === 'unclear') {
    return [
      first,
      `retained   cannot tell: between ${size(low)} and ${size(high)} a call, ${by}`,
      `           ${advice(high, limit, size)}`,
    ]
  }
  const parts = [`${of('heap')} heap`, `${of('arrayBuffer')} array buffers`]
  if (perCallOf.native.some((bytes) => bytes !== 0)) parts.push(`${of('native')} native`)
  const grew = perCall.every((growth) => growth > 0) ? '; it grew in each' : ''
  const all = `${size(slope)} a call   (${size(low)} to ${size(high)}, ${by}${grew})`
  const split = `           ${parts.join(', ')}`
  if (remaining === undefined) return [first, `retained   ${all}`, split]
  const { bytes, error, lines, ignored } = remaining
  const out = `${plural(lines, 'ignored line')}, ${size(ignored)} a call, taken out`
  return [
    first,
    `retained   ${size(bytes)} ±${size(SURE * error)} a call   (sampled; ${out})`,
    `in all     ${all}`,
    split,
  ]
}

function advice(high: number, limit: ParsedSize, size: (bytes: number) => string): string {
  if (high >= limit.bytes * 2) {
    return `The noise is larger than the limit: give one above ${size(high)}, or more calls a round with the option runs.`
  }
  return 'It is too near to the limit: give another limit, or more calls a round with the option runs.'
}

/** Bytes a call are parts of bytes when not every call retains something. */
function whole(bytes: number): number {
  return Math.abs(bytes) >= 10 ? Math.round(bytes) : Number(bytes.toPrecision(2))
}

import { boundsOf, median } from '../measure/retained/growth.js'
import { formatSize, type ParsedSize } from '../text/bytes.js'
import type { SentenceContext } from './matcher.js'
import { evidenceLines, liveLines, message, plural } from './paragraphs.js'
import type { RetainTold } from './retain-less-than.js'
import { SURE } from './without-ignored.js'

/** The message of a failed limit on what is retained. */
export function retainSentence(told: RetainTold, limit: ParsedSize, context: SentenceContext): string {
  const { shown } = told
  const { sampled, refusal, calls } = shown
  const note = `what ${plural(calls, 'call')} left behind, after a full collection`
  return message(context, [
    numbers(told, limit, context.isNot),
    sampled === undefined
      ? []
      : liveLines(
          sampled.sites,
          { samplingInterval: sampled.samplingInterval, note },
          limit.family,
          context.root,
        ),
    refusal === undefined ? [] : [`No allocation sites: ${refusal}.`],
    evidenceLines(sampled?.profile, context),
  ])
}

function numbers({ found, remaining }: RetainTold, limit: ParsedSize, isNot: boolean): string[] {
  const size = (bytes: number) => formatSize(whole(bytes), limit.family)
  const { verdict, series } = found
  const { perCall, perCallOf, calls } = series
  const { low, high } = boundsOf(perCall)
  const first = `limit      ${isNot ? 'at least ' : ''}${formatSize(limit.bytes, limit.family)} a call`
  const rounds = `${plural(perCall.length, 'round')} of ${plural(calls, 'call')}`
  if (verdict === 'unclear') {
    return [
      first,
      `retained   cannot tell: what is live changed by ${size(low)} to ${size(high)} a call in ${rounds}`,
      `           ${advice(high, limit, size)}`,
    ]
  }
  const parts = [
    `${size(median(perCallOf.heap))} heap`,
    `${size(median(perCallOf.arrayBuffer))} array buffers`,
  ]
  if (perCallOf.native.some((bytes) => bytes !== 0)) parts.push(`${size(median(perCallOf.native))} native`)
  const grew = perCall.every((growth) => growth > 0) ? '; it grew in each' : ''
  const lines = [
    `retained   ${size(median(perCall))} a call   (median of ${rounds}, ${size(low)} to ${size(high)}${grew})`,
    `           ${parts.join(', ')}`,
  ]
  if (remaining !== undefined) {
    lines[0] = `retained   ${size(remaining.bytes)} ±${size(SURE * remaining.error)} a call   (sampled; ${plural(remaining.lines, 'ignored line')}, ${size(remaining.ignored)} a call, taken out)`
    lines.splice(1, 0, `in all     ${size(median(perCall))} a call   (median of ${rounds}${grew})`)
  }
  return [first, ...lines]
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

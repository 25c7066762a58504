import type { PeakVerdict } from '../measure/peak/peak.js'
import { formatSize, type ParsedSize } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import type { Evidence } from './evidence.js'
import type { SentenceContext } from './matcher.js'
import { liveParagraphs, message } from './paragraphs.js'

/** The message of a failed limit on the peak. */
export function peakSentence(
  found: PeakVerdict,
  limit: ParsedSize,
  evidence: Evidence,
  context: SentenceContext,
): string {
  const note = 'what was live at the peak'
  return message(context, [
    numbers(found, limit, context.isNot),
    ...liveParagraphs(evidence, note, limit.family, context),
  ])
}

function numbers({ verdict, watched, refusal }: PeakVerdict, limit: ParsedSize, isNot: boolean): string[] {
  const size = (bytes: number) => formatSize(bytes, limit.family)
  const { upper, lower, step, collections } = watched
  const first = `limit   ${isNot ? 'at least ' : ''}${size(limit.bytes)}`
  const how =
    step === 0
      ? 'no collection was forced'
      : `${plural(collections, 'collection')} forced, one each ${size(step)}`
  if (verdict === 'unclear') {
    const known = Number.isFinite(upper) ? `: it is between ${size(lower)} and ${size(upper)}` : ''
    return [first, `peak    cannot tell${known}   (${how})`, `        ${reason(refusal, step, size)}`]
  }
  if (step === 0) return [first, `peak    at most ${size(upper)}   (${how})`]
  return [
    first,
    `peak    ${size(lower)}, within ${size(Math.max(0, upper - lower))}   (reachable at once; ${how})`,
  ]
}

function reason(refusal: string | undefined, step: number, size: (bytes: number) => string): string {
  if (refusal !== undefined) return `Nothing more precise can be found out: ${refusal}.`
  return `The limit is too near to it for steps of ${size(step)}, and finer ones would take too long.`
}

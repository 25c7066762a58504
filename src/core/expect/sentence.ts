import type { Measurement } from '../measure/measurement.js'
import { formatExactSize, formatSize, threeDigits } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import type { SentenceContext } from './matcher.js'
import { allocatingLines, evidenceLines, message } from './paragraphs.js'
import type { Verdict } from './verdict.js'
import { SURE } from './without-ignored.js'

/** The message of a failed budget: sentence, numbers, places, evidence. */
export function sentence(verdict: Verdict, context: SentenceContext): string {
  const { measurement, limit, noSites } = verdict
  return message(context, [
    numbers(verdict, context),
    measurement.sites.length === 0
      ? []
      : allocatingLines(measurement.sites, measurement, limit.family, context.root),
    noSites === undefined ? [] : [`No allocation sites: ${noSites}.`],
    evidenceLines(measurement.profile, context),
  ])
}

function numbers(verdict: Verdict, { isNot, given }: SentenceContext): string[] {
  const { limit, measurement, remaining, unclear } = verdict
  const { family } = limit
  const size = (bytes: number) => formatSize(bytes, family)
  // Three digits can make the limit and what exceeds it look the same.
  const alike = size(limit.bytes) === size(remaining?.bytes ?? measurement.allocated)
  const precise = (bytes: number) => (alike ? formatExactSize(bytes) : size(bytes))
  // `toAllocateNothing` has no argument: its limit is the first byte.
  const bound =
    given.length === 0
      ? isNot
        ? 'more than 0 B'
        : '0 B'
      : `${isNot ? 'at least ' : ''}${precise(limit.bytes)}`
  const { allocations } = measurement
  const many =
    !allocations || remaining !== undefined ? '' : ` in ~${plural(threeDigits(allocations), 'allocation')}`
  const counted = `${precise(measurement.allocated)}${many}   (${certainty(measurement)})`
  const parts = `            ${split(measurement, size)}`
  if (unclear !== undefined) {
    return [
      `limit       ${bound}`,
      `allocated   ${counted}`,
      parts,
      `cannot tell what is left without the ignored lines: ${unclear}`,
    ]
  }
  if (remaining === undefined) return [`limit       ${bound}`, `allocated   ${counted}`, parts]
  const about = `±${size(SURE * remaining.error)}`
  return [
    `limit       ${bound}`,
    `allocated   ${precise(remaining.bytes)} ${about}   (sampled; ${plural(remaining.lines, 'ignored line')}, ${size(remaining.ignored)}, taken out)`,
    `in all      ${size(measurement.allocated)}   (${certainty(measurement)})`,
    parts,
  ]
}

function split(measurement: Measurement, size: (bytes: number) => string): string {
  const { heap, arrayBuffers, native } = measurement
  const parts = [`${size(heap)} heap`, `${size(arrayBuffers)} array buffers`]
  if (native !== undefined) parts.push(`${size(native)} native`)
  return parts.join(', ')
}

function certainty({ exact, collections, workers }: Measurement): string {
  const counted = collections === 0 ? 'no collections' : plural(collections, 'collection')
  const during = workers === undefined ? counted : `${counted}; with ${plural(workers, 'worker thread')}`
  return exact ? `exact; ${during}` : `approximate: V8 was collecting the whole heap; ${during}`
}

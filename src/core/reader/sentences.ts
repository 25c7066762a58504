import type { Reader } from '../reader.js'
import { formatTable } from '../session/sampling-table.js'
import { formatSize, groupDigits } from '../text/bytes.js'
import { plural } from '../text/plural.js'

/** How it was sampled, and two standard errors: the true figure lies inside in 19 of 20 cases. */
export function sampled(profile: Reader, samples: number, error: number): string {
  return `sampled ${samplingRule(profile)}: ${plural(samples, 'sample')}${samples === 0 ? '' : `, ${doubt(error)}`}`
}

/** `±4 %`: two standard errors. */
export function doubt(error: number): string {
  return `±${groupDigits(Math.max(1, Math.ceil(200 * error)))} %`
}

/** `every 128 KiB`. */
export function samplingRule({ header, samplingInterval }: Reader): string {
  const { sampling } = header ?? {}
  if (sampling === undefined || 'interval' in sampling) return `every ${formatSize(samplingInterval, 'IEC')}`
  return sampling.table.length === 0 ? 'everything' : `by size ${formatTable(sampling.table)}`
}

/** What a reader of the numbers has to know: how lines were found, and how the recording ended. */
export function warnings(profile: Reader): string[] {
  return [...sourceWarning(profile), ...endWarning(profile)]
}

function sourceWarning({ header, counters }: Reader): string[] {
  if (header?.source !== 'polled') return []
  const unseen = counters?.unseenCollections ?? 0
  const lost = unseen > 0 ? `; before ${plural(unseen, 'collection')} it was not asked` : ''
  return [`V8 was asked for the samples of the heap: functions are known, not lines${lost}`]
}

function endWarning({ end, truncated }: Reader): string[] {
  const cut = truncated > 0 ? `; ${groupDigits(truncated)} bytes of an unfinished block left out` : ''
  if (end === undefined) return [`the recording was cut short${cut}`]
  return end === '' ? [] : [`the recording stopped early: ${end}`]
}

import { relativeTo } from '../expect/profiles.js'
import type { Reader } from '../reader.js'
import type { SiteSummary } from '../reduce/sites.js'
import { formatTable } from '../session/sampling-table.js'
import { formatSize, groupDigits } from '../text/bytes.js'
import { table } from '../text/table.js'
import type { Site } from '../types.js'

const LONGEST_NAME = 40

/** The first `count` sites for people, under two lines that say what is exact and what is sampled. */
export function topTable(
  profile: Reader,
  { sites, self, samples, error }: SiteSummary,
  count: number,
): string {
  const head = [counted(profile), sampled(profile, samples, error), ...warnings(profile)]
  if (sites.length === 0) return lines([...head, 'The profile holds no samples.'])
  const size = (bytes: number) => formatSize(bytes, 'SI')
  const share = (bytes: number) => `${Math.round((100 * bytes) / self)} %`
  const rows = sites
    .slice(0, count)
    .map((site) => [
      size(site.self),
      share(site.self),
      size(site.total),
      share(site.total),
      size(site.live),
      shortened(site.function),
      place(site),
    ])
  const titles = ['self', '', 'total', '', 'live', 'function', 'place']
  const body = table([titles, ...rows], ['right', 'right', 'right', 'right', 'right', 'left', 'left'], 2)
  return lines([...head, '', ...body, ...remainder(sites.slice(count))])
}

function counted({ counters, duration }: Reader): string {
  const time = `${duration.toFixed(duration < 10 ? 2 : 0)} s`
  if (counters === undefined) return `recorded ${time}`
  const size = (bytes: number) => formatSize(bytes, 'SI')
  const { heapBytes, arrayBufferBytes, nativeBytes } = counters
  const all = size(heapBytes + arrayBufferBytes + nativeBytes)
  const native = nativeBytes > 0 ? `, ${size(nativeBytes)} native` : ''
  const parts = `${size(heapBytes)} heap, ${size(arrayBufferBytes)} array buffers${native}`
  return `recorded ${time}: ${all} allocated   (exact: ${parts}; ${plural(counters.collections, 'collection')})`
}

/** Two standard errors: the true figure lies inside in 19 of 20 cases. */
function sampled(profile: Reader, samples: number, error: number): string {
  const doubt = samples === 0 ? '' : `, ±${Math.max(1, Math.ceil(200 * error))} %`
  return `sampled ${rule(profile)}: ${plural(samples, 'sample')}${doubt}`
}

function rule({ header, samplingInterval }: Reader): string {
  const { sampling } = header ?? {}
  if (sampling === undefined || 'interval' in sampling) return `every ${formatSize(samplingInterval, 'IEC')}`
  return sampling.table.length === 0 ? 'everything' : `by size ${formatTable(sampling.table)}`
}

function warnings(profile: Reader): string[] {
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

function remainder(rest: readonly Site[]): string[] {
  if (rest.length === 0) return []
  const bytes = rest.reduce((sum, site) => sum + site.self, 0)
  return [`... ${plural(rest.length, 'more site')}, ${formatSize(bytes, 'SI')}; -n 0 shows all`]
}

function place(site: Site): string {
  if (site.file === '') return '(no place known)'
  // A recording of heapprof knows no columns.
  const column = site.column > 0 ? `:${site.column}` : ''
  const position = site.line > 0 ? `:${site.line}${column}` : ''
  const domain = site.domain === 'heap' ? '' : site.domain === 'arrayBuffer' ? ' (array buffer)' : ' (native)'
  return `${relativeTo(process.cwd(), site.file)}${position}${domain}`
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 3)}...` : name
}

function plural(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? '' : 's'}`
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}

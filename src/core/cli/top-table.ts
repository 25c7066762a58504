import { sampled, warnings } from '../reader/sentences.js'
import type { Reader } from '../reader.js'
import type { SiteSummary } from '../reduce/sites.js'
import { formatSize } from '../text/bytes.js'
import { plural } from '../text/plural.js'
import { table } from '../text/table.js'
import type { Site } from '../types.js'
import { siteCells } from './site-cells.js'

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
      ...siteCells(site),
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

function remainder(rest: readonly Site[]): string[] {
  if (rest.length === 0) return []
  const bytes = rest.reduce((sum, site) => sum + site.self, 0)
  return [`... ${plural(rest.length, 'more site')}, ${formatSize(bytes, 'SI')}; -n 0 shows all`]
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}

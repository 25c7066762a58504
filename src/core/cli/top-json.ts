import type { Reader } from '../reader.js'
import type { Site } from '../types.js'

/** The sites as one line of JSON; bytes and allocations are whole numbers, the duration is in seconds. */
export function topJson(profile: Reader, sites: readonly Site[]): string {
  const sampling = profile.header?.sampling
  const answer = {
    fileBase: profile.fileBase,
    samplingInterval: profile.samplingInterval,
    ...(sampling !== undefined && 'table' in sampling && { samplingProbability: sampling.table }),
    duration: profile.duration,
    sites: sites.map((site) => ({
      function: site.function,
      file: site.file,
      line: site.line,
      column: site.column,
      domain: site.domain,
      self: Math.round(site.self),
      total: Math.round(site.total),
      live: Math.round(site.live),
      allocations: Math.round(site.allocations),
    })),
  }
  return `${JSON.stringify(answer)}\n`
}

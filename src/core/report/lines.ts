import type { TestSite } from '../bracket/record.js'
import type { Domain } from '../types.js'
import type { ReportedTest } from './outcome.js'

/** What one line of one function allocated over the whole run. Bytes are estimates from samples. */
export interface SuiteLine {
  readonly function: string
  readonly file: string
  readonly line: number
  /** The column that the heaviest of its tests gave. */
  readonly column: number
  readonly domain: Domain
  readonly self: number
  readonly total: number
  readonly live: number
  /** Number of tests that have it among their heaviest lines. */
  readonly tests: number
  /** Relative standard error of `self`, at most: 0.02 means give or take 2 %. Undefined when nobody knows how it was sampled. */
  readonly error: number | undefined
}

interface Sum {
  site: TestSite
  self: number
  total: number
  live: number
  tests: number
  variance: number
}

/**
 * Sums the lines of all tests by function, file, line and domain; heaviest first. A test tells its ten heaviest lines
 * only, so a line that is light in every test has less here than it allocated.
 *
 * The error: an object of s bytes is sampled with probability p = 1 - e^(-s/T), where T is the sampling interval, and
 * stands for s/p bytes then. The variance of that is s²(1-p)/p = s² / (e^(s/T) - 1), at most s·T, since e^x - 1 >= x. So a
 * line with x bytes has at most x·T, and the variances of tests, sampled independently, add up. At T = 128 KiB, 8 MB are
 * known to 13 % (√(131,072 / 8,000,000)), 800 MB to 1.3 %.
 */
export function sumLines(tests: readonly ReportedTest[]): SuiteLine[] {
  const sums = new Map<string, Sum>()
  for (const { record } of tests) {
    if (record === undefined) continue
    for (const site of record.sites) {
      const key = JSON.stringify([site.function, site.file, site.line, site.domain])
      let sum = sums.get(key)
      if (sum === undefined) {
        sum = { site, self: 0, total: 0, live: 0, tests: 0, variance: 0 }
        sums.set(key, sum)
      }
      if (site.self > sum.site.self) sum.site = site
      sum.self += site.self
      sum.total += site.total
      sum.live += site.live
      sum.tests++
      sum.variance += site.self * (record.samplingInterval ?? Number.NaN)
    }
  }
  return [...sums.values()].map(line).sort((a, b) => b.self - a.self || b.total - a.total)
}

function line({ site, self, total, live, tests, variance }: Sum): SuiteLine {
  const { function: name, file, line, column, domain } = site
  const error = self > 0 && !Number.isNaN(variance) ? Math.sqrt(variance) / self : undefined
  return { function: name, file, line, column, domain, self, total, live, tests, error }
}

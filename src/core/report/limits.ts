import type { TestLimit, TestRecord, TestSite } from '../bracket/record.js'
import type { ReportedTest } from './outcome.js'

/** How a limit stands that deserves a word. */
export type Standing = 'exceeded' | 'cannot tell' | 'near'

/** A limit of a test that was exceeded, nearly so, or could not be judged. */
export interface NotedLimit {
  readonly standing: Standing
  readonly test: ReportedTest
  readonly limit: TestLimit
  /** The line of the project's own code that has most of what the limit is about. */
  readonly site: TestSite | undefined
}

/**
 * The limits that deserve a word: exceeded ones first, then those that nobody can judge and that made a test fail, then
 * the near ones, of which `near` (0 to 1) of the limit or more was measured, then the others that nobody can judge, such as
 * limits for all tests where tests run at the same time; among themselves, the most used first. A limit of 0 bytes that was
 * kept is never near.
 */
export function notedLimits(tests: readonly ReportedTest[], near: number): NotedLimit[] {
  const noted: NotedLimit[] = []
  for (const test of tests) {
    if (test.record === undefined) continue
    for (const limit of test.record.limits) {
      const standing = standingOf(limit, near)
      if (standing !== undefined) noted.push({ standing, test, limit, site: ownSite(limit, test.record) })
    }
  }
  return noted.sort((a, b) => urgency(a) - urgency(b) || used(b.limit) - used(a.limit))
}

function urgency({ standing, test }: NotedLimit): number {
  if (standing === 'exceeded') return 0
  if (standing === 'near') return 2
  return test.state === 'failed' ? 1 : 3
}

function standingOf({ verdict, measured, limit }: TestLimit, near: number): Standing | undefined {
  if (verdict === 'exceeded') return 'exceeded'
  if (verdict === 'cannot-tell') return 'cannot tell'
  return limit > 0 && (measured ?? 0) >= near * limit ? 'near' : undefined
}

function used({ measured, limit }: TestLimit): number {
  const share = (measured ?? 0) / limit
  return Number.isNaN(share) ? 0 : Math.min(share, Number.MAX_VALUE) // two infinite ones must still compare
}

/** Lines in dependencies are of no use to somebody who wants to change theirs, nor are those of tests that ran beside. */
function ownSite(limit: TestLimit, { sites, certainty }: TestRecord): TestSite | undefined {
  if (certainty === 'unknown') return undefined
  const bytes = siteBytes(limit)
  let best: TestSite | undefined
  for (const site of sites) {
    if (!isOwn(site) || bytes(site) <= 0) continue
    if (best === undefined || bytes(site) > bytes(best)) best = site
  }
  return best
}

/** What of a line counts against a limit, in estimated bytes. */
export function siteBytes({ kind }: TestLimit): (site: TestSite) => number {
  if (kind === 'native') return (site) => (site.domain === 'native' ? site.self : 0)
  if (kind === 'allocated') return (site) => (site.domain === 'native' ? 0 : site.self)
  return (site) => site.live
}

function isOwn({ file, line }: TestSite): boolean {
  return line > 0 && !/^(?:\/|\\|\.\.\/|[a-z][a-z+.-]*:|.*(?:^|\/)node_modules\/)/i.test(file) && file !== ''
}

import type { TestRecord, TestSite } from '../bracket/record.js'
import type { Pair } from './pair.js'
import type { Measurement } from './run.js'

/** What a function in a file allocated in one domain, in the tests that changed. Bytes are estimates from samples. */
export interface LineChange {
  readonly function: string
  readonly file: string
  /** Its heaviest line now, or before when it is gone. */
  readonly line: number
  readonly column: number
  readonly domain: TestSite['domain']
  readonly base: number
  readonly head: number
}

/** One side of a line. */
interface Side {
  self: number
  /** What it may have allocated at most where it was too light to be named. */
  unseen: number
  /** Its heaviest appearance. */
  site: TestSite | undefined
}

interface Sum {
  readonly base: Side
  readonly head: Side
  variance: number
}

/** Lines that a test names: see `bracket/lines.ts`. */
const NAMED = 10
/** The probability that a comparison names any line that did not change. */
const ALPHA = 0.01

/**
 * The lines that grew, and those that shrank, the greatest difference first; lines that moved within their function are the
 * same. A difference counts when it cannot be chance.
 *
 * A line with x bytes, sampled every T bytes, has a variance of at most x·T (see `report/lines.ts`), and that of a
 * difference is the sum. When k lines are compared, one of them lies more than z standard errors off by chance with a
 * probability of at most k·e^(-z²/2). At k = 100 and a probability of 0.01, z = √(2 ln(100 / 0.01)) = 4.3: at T = 128 KiB, 8 MB
 * and 16 MB are told apart, 8 and 12 are not.
 */
export function changedLines(pairs: readonly Pair[]): { grew: LineChange[]; shrank: LineChange[] } {
  const sums = new Map<string, Sum>()
  for (const { base, head } of pairs) addTest(sums, base.measurements, head.measurements)
  const z = Math.sqrt(2 * Math.log(Math.max(1, sums.size) / ALPHA))
  const all = [...sums.values()].map((sum) => ({ sum, doubt: z * Math.sqrt(sum.variance) }))
  const by = (a: LineChange, b: LineChange) => Math.abs(b.head - b.base) - Math.abs(a.head - a.base)
  const above = (low: Side, high: Side, doubt: number) => high.self - low.self - low.unseen > doubt
  const grew = all.filter(({ sum: { base, head }, doubt }) => above(base, head, doubt))
  const shrank = all.filter(({ sum: { base, head }, doubt }) => above(head, base, doubt))
  return { grew: grew.map(lineOf).sort(by), shrank: shrank.map(lineOf).sort(by) }
}

function lineOf({ sum: { base, head } }: { sum: Sum }): LineChange {
  const { function: name, file, line, column, domain } = (head.site ?? base.site) as TestSite
  return { function: name, file, line, column, domain, base: base.self, head: head.self }
}

function addTest(sums: Map<string, Sum>, base: readonly Measurement[], head: readonly Measurement[]): void {
  const [bases, heads] = [sampled(base), sampled(head)]
  if (bases.length === 0 || heads.length === 0) return
  const before = addSide(sums, bases, 'base')
  const now = addSide(sums, heads, 'head')
  for (const key of new Set([...before, ...now])) {
    const sum = sums.get(key) as Sum
    if (!before.has(key)) sum.base.unseen += lightest(bases)
    if (!now.has(key)) sum.head.unseen += lightest(heads)
  }
}

/** Adds the lines of a test, the mean of its repetitions, and answers which there are. */
function addSide(
  sums: Map<string, Sum>,
  records: readonly TestRecord[],
  which: 'base' | 'head',
): Set<string> {
  const keys = new Set<string>()
  for (const { sites, samplingInterval } of records) {
    for (const site of sites) {
      const key = JSON.stringify([site.domain, site.file, site.function])
      let sum = sums.get(key)
      if (sum === undefined) {
        const side = () => ({ self: 0, unseen: 0, site: undefined })
        sum = { base: side(), head: side(), variance: 0 }
        sums.set(key, sum)
      }
      const side = sum[which]
      const share = site.self / records.length
      side.self += share
      sum.variance += (share * (samplingInterval as number)) / records.length
      if (side.site === undefined || site.self > side.site.self) side.site = site
      keys.add(key)
    }
  }
  return keys
}

function sampled(measurements: readonly Measurement[]): TestRecord[] {
  const isSampled = (record: TestRecord | undefined): record is TestRecord =>
    record?.samplingInterval !== undefined && record.certainty !== 'unknown'
  return measurements.map(({ record }) => record).filter(isSampled)
}

/** A line that a test does not name has no more than the lightest that it names, when there was no room for more. */
function lightest(records: readonly TestRecord[]): number {
  const full = records.filter(({ sites }) => sites.length >= NAMED)
  return Math.max(0, ...full.map(({ sites }) => Math.min(...sites.map(({ self }) => self))))
}

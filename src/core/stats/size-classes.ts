import { STATS_BUCKETS } from '../addon.js'
import { DOMAINS, type Domain } from '../types.js'

/** Allocations of sizes above 2^(exponent - 1) bytes and up to 2^exponent; exponent 0 has the sizes 0 and 1. */
export interface SizeClass {
  readonly exponent: number
  readonly count: number
  readonly bytes: number
}

/** The classes that hold anything, by domain, smallest sizes first. */
export type SizeCounts = Readonly<Record<Domain, readonly SizeClass[]>>

/** Takes apart what the addon counted: two numbers, count and bytes, for each class of each domain. */
export function sizeCounts(numbers: Float64Array): SizeCounts {
  const classesOf = (domain: Domain): SizeClass[] => {
    const first = DOMAINS.indexOf(domain) * STATS_BUCKETS
    const all = Array.from({ length: STATS_BUCKETS }, (_, exponent) => {
      const at = (first + exponent) * 2
      return { exponent, count: numbers[at] as number, bytes: numbers[at + 1] as number }
    })
    return all.filter(({ count }) => count > 0)
  }
  return { heap: classesOf('heap'), arrayBuffer: classesOf('arrayBuffer'), native: classesOf('native') }
}

/** All domains as one. */
export function together(counts: SizeCounts): SizeClass[] {
  const sums = new Map<number, SizeClass>()
  for (const domain of DOMAINS) {
    for (const { exponent, count, bytes } of counts[domain]) {
      const sum = sums.get(exponent) ?? { exponent, count: 0, bytes: 0 }
      sums.set(exponent, { exponent, count: sum.count + count, bytes: sum.bytes + bytes })
    }
  }
  return Array.from(sums.values()).sort((a, b) => a.exponent - b.exponent)
}

/** The sizes of a class as heapprof prints them: `17 - 32`. */
export function sizesOf({ exponent }: SizeClass): string {
  if (exponent === 0) return '0 - 1'
  // BigInt: above 2^53 a number cannot hold the 1 that is added.
  return `${2n ** BigInt(exponent - 1) + 1n} - ${2n ** BigInt(exponent)}`
}

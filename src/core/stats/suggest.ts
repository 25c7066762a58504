import type { SizeRange } from '../format/sampling.js'
import { chanceAt } from './calibrate.js'
import type { SizeClass } from './size-classes.js'

/** How to record a program whose sizes were counted. */
export interface Suggestion {
  /** Probabilities by size; empty for everything. */
  readonly table: readonly SizeRange[]
  /** About how many samples the same work gives by that table. */
  readonly tableSamples: number
  /** Mean bytes between two samples. */
  readonly interval: number
  readonly intervalSamples: number
}

// The three parts of a table, from the large sizes down, and how many samples each may cost. A sample costs some
// microseconds and some ten bytes of log. The counts of heapprof's own example show what comes out:
//
//   sizes           allocations    part     chance    samples
//   above 8192          45,832     few      1          45,832     all of them: they are few, and each weighs much
//   257 to 8192      1,524,235     some     0.1       152,424     a second's work at most, and each line well known
//   up to 256       59,883,632     small    1e-5          599     the total of the part within 4 %
//
// Few: as many of the largest classes as hold 100,000 allocations together are recorded whole. What a large object is
// worth is known exactly only when it is there.
const FEW = 100_000
// Some: below them, the greatest power of ten that leaves at most 200,000 samples; where a class is too much for that, a
// part with a tenth of the chance begins at it.
const SOME = 200_000
// Small: objects of up to 256 bytes come from everywhere in a program. Their stacks are the expensive part, each new one
// costing more than the sample, while one of them means little: from the first such class with over a million
// allocations down, at most 5,000 samples in all, of which 5,000 tell the total within 1.4 % and 500 within 4.5 %.
const SMALL = 5_000
const SMALL_EXPONENT = 8
const HUGE = 1_000_000

// By bytes: 10,000 samples tell the total within 1 % and a line with a hundredth of it within 10 %. Rounded to the power
// of two below, which gives up to twice as many of small objects; no coarser than V8's own default of 512 KiB, for the peaks between.
const SAMPLES = 10_000
const COARSEST = 2 ** 19

/**
 * Suggests a table and an interval from the counts of one run, all domains together; `classes` by ascending size. The
 * bounds of a table are exclusive and those of a class are not, so a class up to 256 bytes gives the bound 257.
 */
export function suggest(classes: readonly SizeClass[]): Suggestion {
  const count = sum(classes, (each) => each.count)
  if (count <= FEW) return { table: [], tableSamples: count, interval: 1, intervalSamples: count }
  const parts = partsOf(classes)
  const interval = intervalFor(sum(classes, ({ bytes }) => bytes))
  return {
    table: parts
      .filter(({ power }) => power > 0)
      .map(({ largest, power }) => [2 ** largest + 1, chance(power)] as const)
      .reverse(),
    tableSamples: sum(parts, (part) => part.count * chance(part.power)),
    interval,
    intervalSamples: sum(classes, (each) => each.count * chanceAt(each.bytes / each.count, interval)),
  }
}

/** Classes that are recorded with the same chance, 10^-power. */
interface Part {
  /** Exponent of its largest class. */
  readonly largest: number
  readonly power: number
  count: number
}

/** From the large sizes down; the chance never rises. */
function partsOf(classes: readonly SizeClass[]): Part[] {
  const parts: Part[] = []
  const small = classes.findLastIndex(({ exponent, count }) => exponent <= SMALL_EXPONENT && count > HUGE)
  for (const { exponent, count } of classes.slice(small + 1).reverse()) {
    const last = parts.at(-1)
    if (last !== undefined && (last.count + count) * chance(last.power) <= budgetAt(last.power)) {
      last.count += count
    } else {
      const power = powerFrom(last === undefined ? 0 : last.power + 1, count, budgetAt)
      parts.push({ largest: exponent, power, count })
    }
  }
  if (small === -1) return parts
  const count = sum(classes.slice(0, small + 1), (each) => each.count)
  const last = parts.at(-1)
  const power = powerFrom(last?.power ?? 0, count, () => SMALL)
  if (last?.power === power) last.count += count
  else parts.push({ largest: (classes[small] as SizeClass).exponent, power, count })
  return parts
}

function budgetAt(power: number): number {
  return power === 0 ? FEW : SOME
}

/** The first power, from `first` on, that leaves so many allocations no more samples than their budget. */
function powerFrom(first: number, count: number, budget: (power: number) => number): number {
  let power = first
  while (count * chance(power) > budget(power)) power++
  return power
}

function chance(power: number): number {
  return Number(`1e-${power}`) // 10 ** -5 is 0.000009999999999999999
}

function intervalFor(bytes: number): number {
  return Math.min(COARSEST, Math.max(1, 2 ** Math.floor(Math.log2(bytes / SAMPLES))))
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { growthOf, growthVerdict } from '../../../../src/core/measure/retained/growth.js'
import { orderBound } from '../../../../src/core/measure/retained/kendall.js'

/** How many orders of `n` readings have so many pairs in the wrong order: by writing all of them down. */
function wrongPairs(n: number): number[] {
  const counts: number[] = []
  const place = (order: number[], wrong: number): void => {
    if (order.length === n) {
      counts[wrong] = (counts[wrong] ?? 0) + 1
      return
    }
    for (let next = 0; next < n; next++) {
      if (!order.includes(next)) place([...order, next], wrong + order.filter((one) => one > next).length)
    }
  }
  place([], 0)
  return counts
}

describe('the bounds', () => {
  test.each([3, 4, 5, 6, 7, 8])('of %i readings fail in at most 4 %% of all orders', (readings) => {
    const counts = wrongPairs(readings)
    const all = counts.reduce((sum, count) => sum + count, 0)
    const atMost = (k: number) => counts.slice(0, k + 1).reduce((sum, count) => sum + count, 0) / all
    const bound = orderBound(readings)
    if (bound > 0) expect(atMost(bound)).toBeLessThanOrEqual(0.04)
    expect(atMost(bound + 1)).toBeGreaterThan(0.04)
  })

  test('are those of the tables: P(S >= 18) = 0.038 for nine readings', () => {
    expect(orderBound(9)).toBe((36 - 18) / 2)
    expect(orderBound(6)).toBe((15 - 11) / 2)
  })
})

describe('growthOf', () => {
  test('is the growth when nothing disturbs it', () => {
    expect(growthOf([5, 5, 5, 5, 5])).toEqual({ slope: 5, low: 5, high: 5 })
  })

  test('does not care for one reading that is wrong', () => {
    const { slope, low, high } = growthOf([2, 2, 150_002, -149_998, 2, 2, 2, 2])
    expect([slope, low, high]).toEqual([2, 2, 2])
  })

  test('lies between its bounds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (perCall) => {
          const { slope, low, high } = growthOf(perCall)
          expect(low).toBeLessThanOrEqual(slope)
          expect(slope).toBeLessThanOrEqual(high)
        },
      ),
    )
  })

  test('contains the growth of noisy readings in 19 of 20 cases and more', () => {
    const random = randomFrom(1)
    let outside = 0
    for (let trial = 0; trial < 4000; trial++) {
      const levels = Array.from({ length: 9 }, (_, round) => 10 * round + 100 * random())
      const { low, high } = growthOf(differences(levels))
      if (low > 10 || high < 10) outside++
    }
    // 3.8 % on either side, and chance: 7.6 % of 4000 are 304, give or take 17.
    expect(outside).toBeLessThan(304 + 4 * 17)
  })
})

describe('growthVerdict', () => {
  test.each<[string, number[], number, string]>([
    ['five rounds without growth', [0, 0, 0, 0, 0], 1, 'kept'],
    ['four rounds say nothing', [0, 0, 0, 0], 1, 'unclear'],
    ['growth below the limit', [99, 99, 99, 99, 99], 100, 'kept'],
    ['the limit itself is not below', [100, 100, 100, 100, 100, 100, 100, 100], 100, 'exceeded'],
    ['one round without growth', [200, 200, 200, 0, 400, 200, 200, 200], 100, 'unclear'],
    ['it grew in each, by about the limit', [50, 150, 60, 140, 90, 110, 100, 105], 101, 'unclear'],
    ['one reading far off, and no growth', [0, 0, 150_000, -150_000, 0, 0, 0, 0], 1, 'kept'],
    ['what is live gets less', [-5, -5, -5, -5, -5], 1, 'kept'],
  ])('%s', (_, perCall, limit, verdict) => {
    expect(growthVerdict(perCall, limit)).toBe(verdict)
  })

  // With the seed given, the numbers are the same each time.
  test('calls noise around a level a leak in none of 20,000 series', () => {
    const random = randomFrom(2)
    expect(alarms(20_000, () => differences(Array.from({ length: 9 }, () => 1000 * random())))).toBe(0)
  })

  test('calls a random walk a leak in about one of 256 series; twice in a row in one of 65,536', () => {
    const random = randomFrom(3)
    const found = alarms(20_000, () =>
      Array.from({ length: 8 }, () => (random() < 0.5 ? -1 : 1) * (1 + random())),
    )
    // 20,000 / 256 = 78, give or take 9
    expect(found).toBeGreaterThan(78 - 36)
    expect(found).toBeLessThan(78 + 36)
  })
})

function alarms(series: number, make: () => number[]): number {
  let found = 0
  for (let i = 0; i < series; i++) if (growthVerdict(make(), 1e-9) === 'exceeded') found++
  return found
}

function differences(levels: readonly number[]): number[] {
  return levels.slice(1).map((level, i) => level - (levels[i] as number))
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

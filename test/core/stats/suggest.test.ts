import { expect, test } from 'vitest'
import type { SizeClass } from '../../../src/core/stats/size-classes.js'
import { suggest } from '../../../src/core/stats/suggest.js'

/** Classes with so many allocations, by exponent, each of the size in the middle of its class. */
function classes(counts: Record<number, number>): SizeClass[] {
  return Object.entries(counts).map(([key, count]) => {
    const exponent = Number(key)
    return { exponent, count, bytes: Math.round(count * 0.75 * 2 ** exponent) }
  })
}

/** The table that heapprof's documentation reasons about: exponent, count and bytes. */
const DOCUMENTED: [number, number, number][] = [
  [0, 138553, 6646],
  [1, 30462, 60924],
  [2, 3766, 14076],
  [3, 794441, 5293169],
  [4, 1553664, 23614125],
  [5, 17465509, 509454895],
  [6, 27282873, 1445865086],
  [7, 9489792, 801787796],
  [8, 3506871, 567321439],
  [9, 436393, 143560935],
  [10, 347668, 257207137],
  [11, 410159, 466041685],
  [12, 135294, 348213256],
  [13, 194711, 1026937305],
  [14, 27027, 278236057],
  [15, 8910, 183592671],
  [16, 4409, 200267665],
  [17, 2699, 228614855],
  [18, 1478, 277347497],
  [19, 1093, 306727390],
  [20, 104, 75269351],
  [21, 58, 83804159],
  [22, 37, 106320012],
  [23, 8, 44335352],
  [24, 6, 69695438],
  [25, 3, 55391152],
]

test('the sizes that heapprof takes as its example, and what it concludes from them', () => {
  const all = DOCUMENTED.map(([exponent, count, bytes]) => ({ exponent, count, bytes }))
  const { table, tableSamples, interval, intervalSamples } = suggest(all)
  // There it reads {256: 1e-5, 8192: 0.1}; sizes of exactly 256 and 8192 belong to the rows it means.
  expect(table).toEqual([
    [257, 1e-5],
    [8193, 0.1],
  ])
  expect(tableSamples).toBeGreaterThan(190_000)
  expect(tableSamples).toBeLessThan(200_000)
  expect(interval).toBe(524_288)
  expect(intervalSamples).toBeGreaterThan(10_000)
  expect(intervalSamples).toBeLessThan(20_000)
})

test.each([
  ['nothing', {}, []],
  ['a hundred thousand of anything: everything', { 5: 60_000, 9: 40_000 }, []],
  ['a little more: the smaller sizes at a tenth', { 5: 60_001, 9: 40_000 }, [[33, 0.1]]],
  ['some hundred thousand of one size: a tenth', { 10: 500_000 }, [[1025, 0.1]]],
  ['some million: a hundredth', { 10: 5_000_000 }, [[1025, 0.01]]],
  ['a billion', { 10: 1_000_000_000 }, [[1025, 1e-4]]],
  ['a million small ones: still a tenth', { 6: 1_000_000 }, [[65, 0.1]]],
  ['more than a million small ones: five thousand samples', { 6: 1_000_001 }, [[65, 1e-3]]],
  ['five thousand samples are enough', { 6: 50_000_000 }, [[65, 1e-4]]],
  ['one more is too much', { 6: 50_000_001 }, [[65, 1e-5]]],
  ['smaller sizes never get a greater chance', { 5: 1000, 10: 500_000 }, [[1025, 0.1]]],
  ['and neither do small ones below a flood of large ones', { 5: 1000, 16: 3_000_000_000 }, [[65537, 1e-5]]],
  [
    'part by part',
    { 5: 3_000_000, 9: 900_000, 10: 900_000, 11: 900_000, 12: 900_000, 20: 99_000 },
    [
      [33, 1e-3],
      [1025, 0.01],
      [4097, 0.1],
    ],
  ],
  ['sizes of 0 and 1', { 0: 200_000 }, [[2, 0.1]]],
])('%s', (_, counts, table) => {
  expect(suggest(classes(counts as Record<number, number>)).table).toEqual(table)
})

test('a table never gives more samples than its parts may, whatever was counted', () => {
  let state = 1
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  for (let round = 0; round < 500; round++) {
    const counts = Object.fromEntries(
      Array.from({ length: 30 }, (_, exponent) => [exponent, Math.floor(10 ** (random() * 10))]),
    )
    const all = classes(counts)
    const { table, tableSamples } = suggest(all)
    const chances = table.map(([, chance]) => chance)
    expect(chances).toEqual([...new Set(chances)].sort((a, b) => a - b))
    expect(tableSamples).toBeLessThanOrEqual(100_000 + 200_000 * chances.length)
    // Told from the table itself, not from how it was made.
    const chanceOf = ({ exponent }: SizeClass) => table.find(([bound]) => 2 ** exponent < bound)?.[1] ?? 1
    const counted = all.reduce((sum, each) => sum + each.count * chanceOf(each), 0)
    expect(counted / tableSamples).toBeCloseTo(1, 9)
  }
})

test('an interval gives ten to twenty thousand samples of small objects, within 1 and 512 KiB', () => {
  for (const count of [200_000, 1_000_000, 7_654_321]) {
    const { interval, intervalSamples } = suggest(classes({ 6: count }))
    expect(Math.log2(interval) % 1).toBe(0)
    expect(intervalSamples).toBeGreaterThan(9_000)
    expect(intervalSamples).toBeLessThan(20_000)
  }
  expect(suggest(classes({ 6: 1e12 })).interval).toBe(524_288)
  expect(suggest([{ exponent: 0, count: 200_000, bytes: 0 }]).interval).toBe(1)
  expect(suggest(classes({ 6: 100_000 })).interval).toBe(1)
})

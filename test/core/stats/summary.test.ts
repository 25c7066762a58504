import { expect, test } from 'vitest'
import { STATS_NUMBERS } from '../../../src/core/addon.js'
import { calibrateHeap } from '../../../src/core/stats/calibrate.js'
import { sizeCounts, sizesOf, together } from '../../../src/core/stats/size-classes.js'
import { type Gathered, summary } from '../../../src/core/stats/summary.js'
import type { Domain } from '../../../src/core/types.js'

/** As the addon counts: [domain, exponent, count, bytes]. */
function counted(...entries: [0 | 1 | 2, number, number, number][]) {
  const numbers = new Float64Array(STATS_NUMBERS)
  for (const [domain, exponent, count, bytes] of entries)
    numbers.set([count, bytes], (domain * 64 + exponent) * 2)
  return sizeCounts(numbers)
}

function gathered(counts: ReturnType<typeof counted>, more: Partial<Gathered> = {}): Gathered {
  const heap = { classes: counts.heap, samples: 1234, error: 0.0061, scaled: true }
  const domains: Domain[] = ['heap', 'arrayBuffer', 'native']
  return { counts, heap, interval: 512, domains, nativeProblem: undefined, worker: undefined, ...more }
}

test('one domain: the table of heapprof, in which a row begins where the row before it would end', () => {
  const counts = counted([0, 0, 3, 2], [0, 5, 17465509, 509454895], [0, 8, 3506871, 567321439])
  const text = summary(gathered(counts, { domains: ['heap'] }))
  expect(text.split('\n').slice(0, 9)).toEqual([
    '-------------------------------------------',
    'HEAP USAGE SUMMARY',
    '     Size      Count        Bytes',
    '    0 - 1          3            2',
    '  17 - 32   17465509    509454895',
    '129 - 256    3506871    567321439',
    '      all   20972383   1076776336',
    '',
    'heap: estimated from 1,234 objects, drawn every 512 bytes on average, ±1.2 %, scaled to the exact number of bytes',
  ])
})

test('several domains: two columns each, and two together', () => {
  const counts = counted([0, 5, 1000.4, 20000.5], [1, 5, 2, 64], [1, 16, 70, 4587520], [2, 13, 5, 40960])
  expect(summary(gathered(counts)).split('\n').slice(2, 8)).toEqual([
    '                         heap     array buffers          native          together',
    '         Size   Count   Bytes   Count     Bytes   Count   Bytes   Count     Bytes',
    '      17 - 32    1000   20001       2        64                    1002     20065',
    '  4097 - 8192                                         5   40960       5     40960',
    '32769 - 65536                      70   4587520                      70   4587520',
    '          all    1000   20001      72   4587584       5   40960    1077   4648545',
  ])
})

test('an empty run has a table without rows, and says so', () => {
  expect(summary(gathered(counted(), { heap: { classes: [], samples: 0, error: 0, scaled: false } }))).toBe(
    `-------------------------------------------
HEAP USAGE SUMMARY
Size   Count   Bytes
(nothing was allocated)

heap: estimated from 0 objects, drawn every 512 bytes on average
array buffers and native: exact, every call
nothing seen of: heap, array buffers, native
`,
  )
})

test('what is exact and what is not', () => {
  const counts = counted([0, 5, 1000, 20000], [1, 5, 2, 64])
  const lines = (more: Partial<Gathered>) => summary(gathered(counts, more)).split('\n')
  const heap = { classes: counts.heap, samples: 98_765, error: 0, scaled: false }
  const domains: Domain[] = ['heap', 'arrayBuffer']
  expect(lines({ heap, interval: 1, domains, nativeProblem: 'not on this platform' })).toEqual(
    expect.arrayContaining([
      'heap: every object that V8 told of, 98,765',
      'array buffers: exact, every call',
      'native: not counted: not on this platform',
    ]),
  )
  expect(lines({})).toContain('array buffers and native: exact, every call')
  expect(lines({})).toContain('nothing seen of: native')
  expect(lines({ worker: 3 })[1]).toBe('HEAP USAGE SUMMARY of worker 3')
})

test('what it suggests can be typed', () => {
  const counts = counted([0, 6, 8_000_000, 400_000_000], [1, 10, 300_000, 250_000_000])
  expect(summary(gathered(counts)).split('\n').slice(-6)).toEqual([
    'To record this program, by size or by bytes:',
    "  heapproof run --sample '{65: 1e-4, 1025: 0.1}' -- script.js",
    '  start(fileBase, { samplingProbability: {65: 1e-4, 1025: 0.1} })   about 31,000 samples',
    '  heapproof run --interval 32768 -- script.js',
    '  start(fileBase, { samplingInterval: 32768 })   about 20,000 samples',
    '',
  ])
})

test('numbers beyond 32 bits, and sizes beyond 53', () => {
  const counts = counted([1, 40, 5_000_000_000, 2 ** 52])
  expect(summary(gathered(counts))).toContain(
    '549755813889 - 1099511627776   5000000000   4503599627370496\n',
  )
  expect(sizesOf({ exponent: 63, count: 1, bytes: 1 })).toBe('4611686018427387905 - 9223372036854775808')
  expect([0, 1, 2, 3].map((exponent) => sizesOf({ exponent, count: 1, bytes: 1 }))).toEqual([
    '0 - 1',
    '2 - 2',
    '3 - 4',
    '5 - 8',
  ])
})

test('all domains together are the sums of their rows', () => {
  expect(together(counted([0, 5, 1, 20], [1, 5, 2, 64], [2, 5, 3, 90], [2, 2, 1, 4]))).toEqual([
    { exponent: 2, count: 1, bytes: 4 },
    { exponent: 5, count: 6, bytes: 174 },
  ])
})

test('estimates of the heap come to what its counter says; few samples, all of them, or a wild factor leave them alone', () => {
  const million = [{ exponent: 7, count: 1e6, bytes: 1e8 }]
  const scaled = calibrateHeap(million, 512, 1.1e8)
  expect(scaled).toMatchObject({ samples: 177_422, scaled: true })
  expect(scaled.error).toBeCloseTo(Math.sqrt((1 - 0.177422) / 177_422), 6)
  expect(scaled.classes[0]?.bytes).toBeCloseTo(1.1e8, 0)
  expect(scaled.classes[0]?.count).toBeCloseTo(1.1e6, 0)
  expect(calibrateHeap(million, 512, 3e8)).toMatchObject({ scaled: false, classes: million })
  expect(calibrateHeap(million, 512, 0)).toMatchObject({ scaled: false, classes: million })
  const few = [{ exponent: 7, count: 99, bytes: 9900 }]
  expect(calibrateHeap(few, 1, 10_000)).toMatchObject({ samples: 99, error: 0, scaled: false })
  // Every object was drawn: these are no estimates.
  expect(calibrateHeap(million, 1, 1.1e8)).toMatchObject({ error: 0, scaled: false, classes: million })
  expect(calibrateHeap([], 512, 100)).toEqual({ classes: [], samples: 0, error: 0, scaled: false })
})

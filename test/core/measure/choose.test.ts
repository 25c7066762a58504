import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseReading, isExact } from '../../../src/core/measure/choose.js'
import type { Reading } from '../../../src/core/measure/reading.js'

const reading = (heap: number, majorCollections = 0): Reading => ({
  heap,
  doubt: 0,
  arrayBuffers: 0,
  native: 0,
  collections: majorCollections,
  majorCollections,
  markings: 0,
})

test.each<[string, number[], number]>([
  ['a single reading stands', [500], 500],
  ['the first call compiled: the smallest, confirmed', [9000, 5010, 5000], 5000],
  ['a lone low reading is not believed', [7_000_000, 6_400_000, 7_010_000], 7_000_000],
  ['0.5 % and 256 bytes agree', [100_756, 100_000, 200_000], 100_000],
  ['a byte more does not', [100_757, 100_000, 100_900], 100_757],
  ['nothing agrees: the smallest, since caches still fill up', [9000, 7000, 5000], 5000],
  ['nothing and nothing is nothing', [0, 0, 500], 0],
  ['a negative reading is impossible', [-400_000, -400_000, 3000], 3000],
  ['unless there is no other', [-400_000, -200_000], -200_000],
])('%s', (_, heap, expected) => {
  expect(chooseReading(heap.map((bytes) => reading(bytes))).heap).toBe(expected)
})

test('array buffers count like the heap', () => {
  const small = { ...reading(1000), arrayBuffers: 0 }
  const large = { ...reading(900), arrayBuffers: 5000 }
  expect(chooseReading([large, small, { ...small }])).toBe(small)
})

test('exact means: nothing was swept inside', () => {
  expect(isExact(reading(100))).toBe(true)
  expect(isExact({ ...reading(100), collections: 3 })).toBe(true)
  expect(isExact(reading(100, 1))).toBe(false)
  expect(isExact({ ...reading(100), markings: 1 })).toBe(false)
  expect(isExact(reading(-1))).toBe(false)
})

test('the order of the readings does not matter', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1_000_000 }), { minLength: 1 }), (heap) => {
      const there = chooseReading(heap.map((bytes) => reading(bytes)))
      const back = chooseReading(heap.reverse().map((bytes) => reading(bytes)))
      expect(back.heap).toBe(there.heap)
    }),
  )
})

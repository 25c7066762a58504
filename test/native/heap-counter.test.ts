import { expect, test } from 'vitest'
import { addon, COUNTER, COUNTERS } from '../../src/core/addon.js'
import { certainGrowth, heapGrowth } from '../../src/core/measure/heap-growth.js'

const native = addon()
const before = new Float64Array(COUNTERS)
const after = new Float64Array(COUNTERS)
const grown = (counter: number) => (after[counter] as number) - (before[counter] as number)

/** What a call counts; undefined when V8 collected garbage inside. */
function count(fn: () => void): number | undefined {
  native.beginPage()
  native.readCounters(before)
  fn()
  native.readCounters(after)
  return grown(COUNTER.collections) > 0 ? undefined : certainGrowth(heapGrowth(grown), false).bytes
}

const holder: { kept?: unknown } = {}

test('the same objects count the same, wherever in its page V8 was', () => {
  const fn = () => {
    for (let i = 0; i < 5; i++) holder.kept = new Array(7500).fill(0)
  }
  for (let call = 0; call < 200; call++) fn()
  const counts: number[] = []
  for (let call = 0; counts.length < 60; call++) {
    holder.kept = Array.from({ length: (call * 37) % 3000 }, () => ({}))
    const bytes = count(fn)
    if (bytes !== undefined) counts.push(bytes)
  }
  // By chance they spread over 80 kB: the rest of a page counts that an array does not fit into.
  const usual = [...counts].sort((a, b) => a - b)[30] as number
  expect(counts.filter((bytes) => Math.abs(bytes - usual) < 1000).length, `${counts}`).toBeGreaterThan(54)
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(5 * 60_000)
})

test('nothing is counted below what was allocated', () => {
  const fn = () => {
    for (let i = 0; i < 5000; i++) holder.kept = { i }
  }
  for (let call = 0; call < 200; call++) fn()
  for (let call = 0; call < 300; call++) {
    holder.kept = Array.from({ length: (call * 37) % 3000 }, () => ({}))
    native.readCounters(before)
    fn()
    native.readCounters(after)
    if (grown(COUNTER.majorCollections) + grown(COUNTER.markings) > 0) continue
    // Objects of 32 bytes; a scavenge inside costs 200 bytes at most.
    expect(grown(COUNTER.youngBytes)).toBeGreaterThan(5000 * 32 - 1000)
  }
})

test('tables of old maps that grow begin old, and count', () => {
  const map = new Map<number, number>()
  for (let i = 0; i < 500; i++) map.set(i, i)
  native.collectGarbage()
  native.collectGarbage()
  let size = map.size
  const grow = () => {
    for (const end = size + 1000; size < end; size++) map.set(size, size)
  }
  native.readCounters(before)
  grow()
  native.readCounters(after)
  expect(grown(COUNTER.oldBytes)).toBeGreaterThan(16_000)
})

test('code that V8 compiles and puts in place is counted as it happens', () => {
  native.readCounters(before)
  const fn = new Function('n', 'let sum = 0; for (let i = 0; i < n; i++) sum += i % 7; return sum')
  fn(1)
  native.readCounters(after)
  expect(grown(COUNTER.compiled)).toBeGreaterThan(0)
  for (let call = 0; grown(COUNTER.installed) === 0 && call < 100_000; call++) {
    fn(10_000)
    native.readCounters(after)
  }
  expect(grown(COUNTER.installed)).toBeGreaterThan(0)
})

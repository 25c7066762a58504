import { getHeapSpaceStatistics } from 'node:v8'
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

test('a page of its own takes the rest of the one at hand, not one more', () => {
  const young = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')
  const taken: number[] = []
  for (let call = 0; taken.length < 30 && call < 1000; call++) {
    holder.kept = Array.from({ length: (call * 37) % 3000 }, () => ({}))
    native.readCounters(before)
    const used = young()?.space_used_size as number
    native.beginPage()
    const bytes = (young()?.space_used_size as number) - used
    native.readCounters(after)
    if (grown(COUNTER.collections) === 0) taken.push(bytes)
  }
  expect(taken).toHaveLength(30)
  // A page of 256 KiB, and what the statistics themselves need.
  expect(taken.filter((bytes) => bytes > 270_000)).toEqual([])
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
  const TABLES = 28_712 + 57_384 // for 1024 and for 2048 entries
  const PAGE = 256 * 1024 // Node 20 counts one when it begins: the tables may be in one that was counted before
  const MAPS = 8
  let counted = 0
  for (let n = 0; n < MAPS; n++) {
    const map = new Map<number, number>()
    for (let i = 0; i < 500; i++) map.set(i, i)
    native.collectGarbage()
    native.collectGarbage()
    native.readCounters(before)
    for (let i = 500; i < 1500; i++) map.set(i, i)
    native.readCounters(after)
    counted += grown(COUNTER.oldBytes)
    if (!process.version.startsWith('v20.')) expect(grown(COUNTER.oldBytes)).toBeGreaterThanOrEqual(TABLES)
  }
  expect(counted).toBeGreaterThan(MAPS * TABLES - PAGE)
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

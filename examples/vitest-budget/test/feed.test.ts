import { expect, test } from 'vitest'
import { RowCache } from '../src/cache.js'
import { parseFeed, totalPrice } from '../src/feed.js'
import { importFeed, importSlowly } from '../src/import.js'
import { sampleFeed } from './sample-feed.js'

const feed = sampleFeed(10_000)

test('parses every row', () => {
  const rows = parseFeed(sampleFeed(3))
  expect(rows.map((row) => row.symbol)).toEqual(['ACME', 'GLOBEX', 'INITECH'])
})

test('a small feed stays small', () => {
  const small = sampleFeed(100)
  expect(() => parseFeed(small)).toAllocateLessThan('200 kB')
})

test('adding prices makes no rows', () => {
  expect(totalPrice(feed)).toBe(1_179_865)
  expect(() => totalPrice(feed)).toAllocateLessThan('10 kB')
})

test('imports in chunks within its budget', async () => {
  const chunks = Array.from({ length: 10 }, () => sampleFeed(100))
  await expect(() => importSlowly(chunks, new RowCache())).toAllocateLessThan('2 MiB')
})

// This one is over its limit on purpose, to show what that looks like.
test('imports a large feed within its budget', () => {
  expect(() => importFeed(feed, new RowCache())).toAllocateLessThan('5 MB')
})

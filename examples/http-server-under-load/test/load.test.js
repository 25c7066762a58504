import { heapLimit } from 'heapproof/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { load } from '../src/load.js'
import { startServer } from '../src/server.js'

const goods = Array.from({ length: 2000 }, (_, id) => ({
  id,
  name: `Thing ${id}`,
  price: 100 + (id % 50),
  tags: ['new', 'red'],
}))

let server
beforeAll(async () => {
  server = await startServer(goods)
  await load(server.port, '/goods/1', 200) // what is made once, such as connections, is made now
})
afterAll(() => server.close())

test('a request costs less than 120 kB, client and server together', async () => {
  heapLimit({ allocated: '60 MB' }) // most of it are the 64 KiB into which Node reads each time
  expect(await load(server.port, '/goods/7', 500)).toBeGreaterThan(500)
})

test('requests leave nothing behind', async () => {
  await expect(() => load(server.port, '/goods/7', 100)).toRetainLessThan('50 kB', { runs: 1 })
}, 60_000)

test('the catalogue goes out line by line', async () => {
  await expect(() => load(server.port, '/goods.ndjson', 10)).toPeakBelow('20 MB')
}, 60_000)

// This one is over its limit on purpose: each answer is one large string.
test('the catalogue goes out at once', async () => {
  await expect(() => load(server.port, '/goods', 50)).toAllocateLessThan('2 MB')
}, 60_000)

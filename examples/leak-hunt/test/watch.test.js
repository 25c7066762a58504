import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visit } from '../src/client.js'
import { startServer } from '../src/server.js'
import { watch } from '../src/watch.js'
import { watch as watchFixed } from '../src/watch-fixed.js'

// The first one leaks on purpose.
describe.each([
  ['as it was', watch],
  ['as it is now', watchFixed],
])('%s', (_, watch) => {
  let server
  beforeAll(async () => {
    server = await startServer(watch)
  })
  afterAll(async () => {
    await server.close()
  })

  test('a visitor who has gone leaves nothing behind', async () => {
    const visits = async () => {
      for (let i = 0; i < 20; i++) await visit(server.port, 'ACME')
      await setTimeout(5) // the server hears of the last one a little later
    }
    await expect(visits).toRetainLessThan('20 kB', { runs: 1 })
  }, 60_000)
})

// express, undici, node:http: sockets, streams, requests at the same time.
const { once } = require('node:events')
const http = require('node:http')
const express = require('express')
const { Agent, request } = require('undici')

let server
let origin
const agent = new Agent({ keepAliveTimeout: 1000 })

beforeAll(async () => {
  const app = express()
  app.use(express.json({ limit: '5mb' }))
  app.post('/echo', (incoming, outgoing) => outgoing.json({ got: incoming.body }))
  app.get('/large', (_, outgoing) => outgoing.end(Buffer.alloc(3_000_000, 'x')))
  app.get('/broken', () => {
    throw new Error('broken')
  })
  app.use((_error, _incoming, outgoing, _next) => outgoing.status(500).end('an error'))
  server = http.createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${server.address().port}`
})

afterAll(async () => {
  await agent.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('answers a request', async () => {
  const { body } = await request(`${origin}/echo`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ n: 1 }),
  })
  expect(await body.json()).toEqual({ got: { n: 1 } })
})

test('two hundred requests, some at once', async () => {
  const one = async (n) => {
    const { body } = await request(`${origin}/echo`, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ n, rows: Array.from({ length: 50 }, (_, i) => ({ i })) }),
    })
    return (await body.json()).got.n
  }
  for (let from = 0; from < 200; from += 20) {
    const numbers = Array.from({ length: 20 }, (_, i) => from + i)
    expect(await Promise.all(numbers.map(one))).toEqual(numbers)
  }
})

test('a large answer', async () => {
  const { body } = await request(`${origin}/large`, { dispatcher: agent })
  expect((await body.arrayBuffer()).byteLength).toBe(3_000_000)
})

test('by fetch, read as a stream', async () => {
  const response = await fetch(`${origin}/large`)
  let bytes = 0
  for await (const part of response.body) bytes += part.length
  expect(bytes).toBe(3_000_000)
})

test('a handler that throws', async () => {
  const { statusCode, body } = await request(`${origin}/broken`, { dispatcher: agent })
  expect([statusCode, await body.text()]).toEqual([500, 'an error'])
})

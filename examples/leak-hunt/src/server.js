import { createServer } from 'node:http'
import { Ticker } from './ticker.js'

/** A server of prices: `/prices/ACME` is a stream of them. How it is watched is given, since here there are two ways. */
export async function startServer(watch) {
  const ticker = new Ticker()
  const server = createServer((request, response) => {
    const symbol = /^\/prices\/(\w+)$/.exec(request.url)?.[1]
    if (symbol === undefined) return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    watch(ticker, symbol, response)
    response.write(': welcome\n\n')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { ticker, port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) }
}

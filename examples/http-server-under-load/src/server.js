import { createServer } from 'node:http'

/** A catalogue of goods over HTTP: `/goods/7` is one, `/goods` all of them, `/goods.ndjson` all, a line each. */
export async function startServer(goods) {
  const server = createServer((request, response) => {
    const id = /^\/goods\/(\d+)$/.exec(request.url)?.[1]
    if (id !== undefined && goods[id] !== undefined) return response.end(JSON.stringify(goods[id]))
    if (request.url === '/goods') return response.end(JSON.stringify(goods))
    if (request.url === '/goods.ndjson') return sendLines(goods, response)
    response.writeHead(404).end()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) }
}

/** A line at a time, and no faster than the client reads. */
async function sendLines(goods, response) {
  for (const each of goods) {
    if (!response.write(`${JSON.stringify(each)}\n`))
      await new Promise((resolve) => response.once('drain', resolve))
  }
  response.end()
}

// A server that parses, changes and answers JSON, and a client beside it in the same process.
import { Agent, createServer, request } from 'node:http'

export const title = 'HTTP and JSON'
export const sizes = { timed: 6000, counted: 500 } // requests
const AT_ONCE = 8

export async function run(size) {
  // No time-outs: where instructions are counted, an answer takes fifty times as long.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, answer)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const { port } = server.address()
  let left = size
  const client = async () => {
    while (left-- > 0) await post(port, agent, { page: left, rows: Array.from({ length: 20 }, row) })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  agent.destroy()
  server.close()
}

function row(_, i) {
  return { id: i, name: `customer ${i}`, tags: ['new', 'open'], amount: i * 1.5 }
}

async function answer(incoming, outgoing) {
  const { page, rows } = JSON.parse(await text(incoming))
  const open = rows.filter(({ tags }) => tags.includes('open')).map((each) => ({ ...each, page }))
  const total = open.reduce((sum, { amount }) => sum + amount, 0)
  outgoing.setHeader('content-type', 'application/json')
  outgoing.end(JSON.stringify({ page, total, open }))
}

function post(port, agent, value) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { port, host: '127.0.0.1', method: 'POST', path: '/rows', agent },
      (response) => {
        text(response).then((body) => resolve(JSON.parse(body)), reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify(value))
  })
}

async function text(stream) {
  let all = ''
  for await (const part of stream.setEncoding('utf8')) all += part
  return all
}

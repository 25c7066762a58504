import { Agent, get } from 'node:http'

/** Asks for a path so many times, ten requests at once, over connections that stay open. Answers how many bytes came. */
export async function load(port, path, requests) {
  const agent = new Agent({ keepAlive: true, maxSockets: 10 })
  const answers = Array.from({ length: requests }, () => ask({ port, path, agent, host: '127.0.0.1' }))
  const sizes = await Promise.all(answers)
  agent.destroy()
  return sizes.reduce((sum, size) => sum + size, 0)
}

function ask(options) {
  return new Promise((resolve, reject) => {
    get(options, (response) => {
      let size = 0
      response.on('data', (chunk) => {
        size += chunk.length
      })
      response.on('end', () => resolve(size))
    }).on('error', reject)
  })
}

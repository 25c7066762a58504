import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { sites } from '../../src/core/reduce/sites.js'
import { partsOf } from '../../src/core/session/parts.js'
import { folderWith, heapproof } from '../support/command-line.js'

const SERVER = `
  const cluster = require('node:cluster')
  const http = require('node:http')
  if (cluster.isPrimary) {
    let ready = 0
    for (let i = 0; i < 4; i++) cluster.fork()
    cluster.on('listening', (_, { port }) => { if (++ready === 4) load(port) })
    cluster.on('exit', ({ process }, code, signal) => console.log(process.pid, code, signal))
  } else {
    const kept = []
    const page = () => { kept.push(Array.from({ length: 500 }, (_, i) => ({ i }))); return 'x'.repeat(1000) }
    http.createServer((request, response) => { response.end(page()) }).listen(0)
  }
  async function load(port) {
    const agent = new http.Agent({ keepAlive: false, maxSockets: 16 })
    const get = () => new Promise((resolve, reject) => {
      http.get({ port, agent }, (answer) => answer.resume().on('end', resolve)).on('error', reject)
    })
    await Promise.all(Array.from({ length: 400 }, get))
    agent.destroy()
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM')
  }`

test('a cluster of 4 under load, ended by SIGTERM: a complete profile of each', () => {
  const cwd = folderWith({ 'main.js': SERVER })
  const { code, stdout } = heapproof(['run', '-o', 'out', '--interval', '4096', '--', 'main.js'], { cwd })
  expect(code).toBe(0)
  const ended = stdout.trim().split('\n')
  expect(ended).toHaveLength(4)
  for (const line of ended) expect(line).toMatch(/^\d+ null SIGTERM$/)

  const [primary, ...workers] = partsOf(join(cwd, 'out'))
  expect(primary?.pid).toBeUndefined()
  expect(workers.map(({ pid }) => pid)).toEqual(
    ended.map((line) => Number.parseInt(line, 10)).sort((a, b) => a - b),
  )
  let live = 0
  for (const { fileBase, pid } of workers) {
    using profile = read(fileBase)
    expect(profile.header?.pid).toBe(pid)
    expect(profile.end).toBe('')
    const kept = sites(profile).sites.filter(({ file, line }) => file === join(cwd, 'main.js') && line === 11)
    // Some pages of 500 objects each: on a busy machine the requests are not shared out evenly.
    expect(kept[0]?.live).toBeGreaterThan(50_000)
    live += kept[0]?.live as number
  }
  // 400 pages in all.
  expect(live).toBeGreaterThan(2_000_000)
})

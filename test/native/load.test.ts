import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'

const binary = join(packageRoot(), 'build/Release/heapproof.node')

/** Runs a script in a process of its own; `addon` is a function that loads the binary. */
function run(script: string): string {
  const load = `const addon = () => require(${JSON.stringify(binary)})\n`
  return execFileSync(process.execPath, ['-e', load + script], { encoding: 'utf8' }).trim()
}

test('a binary for another Node says so instead of reading garbage', () => {
  const message = run(`
    const modules = String(Number(process.versions.modules) + 1)
    Object.defineProperty(process, 'versions', { value: { ...process.versions, modules, node: '99.0.0' } })
    try { addon() } catch (error) { console.log(error.message) }
  `)
  const { modules, node } = process.versions
  expect(message).toBe(
    `this binary was built for Node ${node.split('.')[0]} (NODE_MODULE_VERSION ${modules}), ` +
      `and this is Node 99.0.0 (NODE_MODULE_VERSION ${Number(modules) + 1})`,
  )
})

test('workers load it, count for themselves, and end while buffers of theirs are still freed', () => {
  const printed = run(`
    const { Worker } = require('node:worker_threads')
    addon().watchCode()
    const body = \`
      const addon = require(${JSON.stringify(binary)})
      addon.watchCode()
      const before = new Float64Array(16), after = new Float64Array(16)
      addon.readCounters(before)
      let kept = []
      for (let i = 0; i < 100; i++) kept.push(Buffer.alloc(50_000))
      addon.readCounters(after)
      require('node:worker_threads').parentPort.postMessage(after[3] - before[3])
    \`
    let seen = []
    let running = 12
    for (let i = 0; i < 12; i++) {
      const worker = new Worker(body, { eval: true })
      worker.on('message', (bytes) => seen.push(bytes))
      worker.on('exit', () => { if (--running === 0) console.log(JSON.stringify(seen)) })
    }
  `)
  expect(JSON.parse(printed)).toEqual(new Array(12).fill(5_000_000))
})

test('loading twice counts once', () => {
  const printed = run(`
    const first = addon()
    delete require.cache[${JSON.stringify(binary)}]
    const second = addon()
    const values = [first, second].map((binding) => {
      const before = new Float64Array(16), after = new Float64Array(16)
      binding.readCounters(before)
      Buffer.alloc(70_000)
      binding.readCounters(after)
      return after[3] - before[3]
    })
    console.log(JSON.stringify(values))
  `)
  expect(JSON.parse(printed)).toEqual([70_000, 70_000])
})

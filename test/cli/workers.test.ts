import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { sites } from '../../src/core/reduce/sites.js'
import { partsOf } from '../../src/core/session/parts.js'
import { folderWith, heapproof } from '../support/command-line.js'

test('100 workers come and go while the main thread allocates', () => {
  const program = `
    const { Worker, isMainThread } = require('node:worker_threads')
    const kept = []
    function fill(count) { for (let i = 0; i < count; i++) kept.push({ a: i, b: [i] }) }
    if (isMainThread) {
      let started = 0
      const next = () => {
        if (started === 100) return
        const worker = new Worker(__filename).on('exit', next)
        if (started++ % 3 === 0) worker.once('online', () => worker.terminate())
      }
      for (let i = 0; i < 5; i++) next()
      const timer = setInterval(() => { fill(3000); if (kept.length > 2e5) kept.length = 0; if (started === 100) clearInterval(timer) }, 2)
    } else fill(5000)`
  const cwd = folderWith({ 'main.js': program })
  const args = ['run', '-o', 'out', '--interval', '4096', '--', 'main.js']
  const { code, signal, stdout } = heapproof(args, { cwd })
  expect({ code, signal, stdout }).toEqual({ code: 0, signal: null, stdout: '' })

  const [main, ...workers] = partsOf(join(cwd, 'out'))
  const threads = workers.map(({ thread }) => thread)
  expect(new Set(threads).size).toBe(threads.length)
  // One that was ended before its first line may have had no time to begin.
  expect(threads.length).toBeGreaterThanOrEqual(66)
  let whole = 0
  for (const { fileBase, thread } of workers) {
    using profile = read(fileBase)
    expect(profile.header?.thread).toBe(thread)
    expect(profile.end).toBe('')
    const { sites: found } = sites(profile)
    const fill = found.find((site) => site.function === 'fill')?.self ?? 0
    if (fill > 300_000 && fill < 1_200_000) whole++
  }
  expect(whole).toBeGreaterThanOrEqual(66)
  using profile = read((main as { fileBase: string }).fileBase)
  expect(profile.end).toBe('')
})

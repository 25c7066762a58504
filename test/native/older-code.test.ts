import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { folderWith, LIBRARY, node } from '../support/command-line.js'

/** `inner` may be put into the code of who calls it. */
const CODE = `
const inner = (i) => {
  const first = { a: i, b: i, c: i, d: i }
  const second = [i, i, i, i, i, i]
  return [first, second]
}
const outer = (i) => {
  const pair = inner(i)
  return { pair,
    more: [
      i, i, pair] }
}
(n) => { for (let i = 0; i < n; i++) globalThis.last = outer(i) }`

const PLACES = ['inner:3', 'inner:4', 'inner:5', 'outer:9', 'outer:10']

/** The code is compiled, and warmed up, when heapproof is loaded and nobody has recorded anything. */
const PROGRAM = `
const { isProfiling, start, stop } = require(${JSON.stringify(LIBRARY)})
isProfiling()
const run = require('node:vm').runInThisContext(${JSON.stringify(CODE)}, { filename: '/made/code.js' })
for (let round = 0; round < 20; round++) run(Number(process.argv[2]))
start('run', { samplingInterval: 64, domains: ['heap'] })
run(2000)
stop()`

describe('lines of code that was compiled before the first recording are known', () => {
  test.each([
    ['interpreted', ['--no-sparkplug', '--no-maglev', '--no-opt'], 10],
    ['as V8 compiles it quickly', ['--no-maglev', '--no-opt', '--always-sparkplug'], 200],
  ])('%s', (_, flags, calls) => {
    const bytes = recorded(flags, calls)
    expect([...bytes.keys()].sort()).toEqual([...PLACES].sort())
    // 2,000 objects of a chance of 1 in 3 or more are the fewest: 3 % standard error.
    expect(Math.min(...bytes.values())).toBeGreaterThan(2000 * 24)
  })

  test('optimised', () => {
    const bytes = recorded(['--no-incremental-marking'], 10_000)
    const sum = (places: Iterable<string>) =>
      [...places].reduce((all, place) => all + (bytes.get(place) ?? 0), 0)
    // What V8 takes while it compiles is charged to who runs.
    expect(sum(PLACES) / sum(bytes.keys())).toBeGreaterThan(0.95)
  })
})

test('nothing is kept of bytecode as long as nobody records', () => {
  const cwd = folderWith({
    'main.js': `
      const { getSamplerMemory, start, stop } = require(${JSON.stringify(LIBRARY)})
      getSamplerMemory()
      const functions = Array.from({ length: 1000 }, (_, i) => 'f' + i + '() { return [' + i + '] }')
      const made = require('node:vm').runInThisContext('({' + functions + '})')
      for (const each of Object.values(made)) each()
      const before = getSamplerMemory()
      start('run')
      const after = getSamplerMemory()
      stop()
      console.log(JSON.stringify([before, after]))`,
  })
  const { stdout } = node(['--no-opt', '--no-maglev', '--no-sparkplug', 'main.js'], { cwd })
  const [before, after] = JSON.parse(stdout)
  expect(before).toBeLessThan(10_000)
  expect(after).toBeGreaterThan(100_000)
})

/** Bytes by the innermost place in the code. */
function recorded(flags: readonly string[], calls: number): Map<string, number> {
  const cwd = folderWith({ 'main.js': PROGRAM })
  expect(node([...flags, 'main.js', String(calls)], { cwd })).toMatchObject({ code: 0, stderr: '' })
  using reader = read(join(cwd, 'run'))
  const bytes = new Map<string, number>()
  for (const event of reader.events()) {
    if (event.kind !== 'alloc') continue
    const leaf = reader.trace(event.trace).frames.find(({ file }) => file === '/made/code.js')
    if (leaf === undefined) continue
    const place = `${leaf.function}:${leaf.line}`
    bytes.set(place, (bytes.get(place) ?? 0) + event.size * event.scale)
  }
  return bytes
}

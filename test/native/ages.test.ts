import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { EVENT } from '../../src/core/format/cursor.js'
import { read } from '../../src/core/reader.js'
import { folderWith, LIBRARY } from '../support/command-line.js'

// Buffers of this thread are freed by V8's own threads, some time after a collection: those frees are told late.
const PROGRAM = `
const { start, stop } = require(process.argv[2])
start(process.argv[3], { samplingInterval: 64, domains: process.argv[4].split(' ') })
const ring = []
for (let i = 0; i < 60_000; i++) ring[i % 500] = { i, buffer: i % 5 === 0 ? new ArrayBuffer(20_000) : [i] }
setTimeout(stop, 400)
`

async function recorded(domains: string) {
  const folder = folderWith({ 'program.cjs': PROGRAM })
  const base = join(folder, 'run')
  await promisify(execFile)(process.execPath, [join(folder, 'program.cjs'), LIBRARY, base, domains])
  return read(base)
}

test('objects end at the time of the collection that found them dead', async () => {
  using reader = await recorded('heap')
  const collections = new Set<number>()
  const freed = new Map<number, number>()
  for (const event = reader.cursor(); event.next(); ) {
    if (event.kind === EVENT.collection) collections.add(event.time)
    if (event.kind === EVENT.free) freed.set(event.time, (freed.get(event.time) ?? 0) + 1)
  }
  expect([...freed.keys()].filter((time) => !collections.has(time))).toEqual([])
  expect(freed.size).toBeGreaterThan(1)
  expect(Math.max(...freed.values())).toBeGreaterThan(100)
})

test('the age of each free leads back to the time of an allocation of its trace and size, to the microsecond', async () => {
  using reader = await recorded('heap arrayBuffer')
  const allocated = new Set<string>()
  const seen = { heap: 0, arrayBuffer: 0, native: 0 }
  const astray: string[] = []
  for (const event = reader.cursor(); event.next(); ) {
    const about = (time: number) => `trace ${event.trace}, ${event.size} bytes, at ${time} us`
    if (event.kind === EVENT.alloc) allocated.add(about(event.time))
    if (event.kind !== EVENT.free) continue
    seen[reader.trace(event.trace).domain]++
    if (!allocated.has(about(event.time - event.age))) astray.push(about(event.time))
  }
  expect(astray).toEqual([])
  expect(seen.heap).toBeGreaterThan(1000)
  expect(seen.arrayBuffer).toBeGreaterThan(5000)
})

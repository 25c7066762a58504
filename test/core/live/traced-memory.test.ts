import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../../src/core/reader.js'
import type { Counters } from '../../../src/core/types.js'
import { folderWith, LIBRARY, node } from '../../support/command-line.js'

// In processes of their own: the test runner takes buffers of 64 KiB when it likes.

/** Runs `steps`, in which `tell()` notes what is traced, and returns the notes. */
function notes(steps: string, domain = 'arrayBuffer'): { current: number; peak: number }[] {
  const program = `
    const heapproof = require(${JSON.stringify(LIBRARY)})
    let kept = []
    const told = []
    const tell = () => told.push(heapproof.getTracedMemory())
    const keep = (bytes) => kept.push(new ArrayBuffer(bytes))
    async function collect() {
      for (let turn = 0; turn < 3; turn++) {
        gc()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    async function main() {
      heapproof.start({ samplingInterval: 1, domains: ['${domain}'] })
      ${steps}
      console.log(JSON.stringify(told))
    }
    main()`
  const { code, stdout, stderr } = node(['--expose-gc', 'main.js'], {
    cwd: folderWith({ 'main.js': program }),
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** Each within 2,048 bytes. */
function expectNear(
  told: readonly { current: number; peak: number }[],
  expected: readonly (readonly [current: number, peak: number])[],
): void {
  const distances = expected.flatMap(([current, peak], at) => [
    Math.abs((told[at]?.current ?? Number.NaN) - current),
    Math.abs((told[at]?.peak ?? Number.NaN) - peak),
  ])
  expect(told.length).toBe(expected.length)
  expect({ told, furthest: Math.max(...distances) <= 2048 }).toEqual({ told, furthest: true })
}

test('get_traced_memory: what is live, and what was at most; nothing after stop()', () => {
  const told = notes(`
    tell()
    keep(5_000_000); keep(3_000_000); tell()
    kept.shift(); await collect(); tell()
    kept = []; await collect(); tell()
    heapproof.stop(); tell()`)
  expectNear(told, [
    [0, 0],
    [8_000_000, 8_000_000],
    [3_000_000, 8_000_000],
    [0, 8_000_000],
    [0, 0],
  ])
  expect(told[4]).toEqual({ current: 0, peak: 0 })
})

test('reset_peak: the peak begins anew from what is live', () => {
  const told = notes(`
    keep(5_000_000); kept = []; await collect()
    keep(30_000); tell()
    heapproof.resetPeak(); tell()
    keep(50_000); tell()`)
  expectNear(told, [
    [30_000, 5_000_000],
    [30_000, 30_000],
    [80_000, 80_000],
  ])
})

test('clear_traces: what was live is forgotten, and its end is not counted either', () => {
  const told = notes(`
    keep(5_000_000)
    heapproof.clearTraces(); tell()
    keep(30_000); kept.shift(); await collect(); tell()
    kept = []; await collect(); tell()`)
  expectNear(told, [
    [0, 0],
    [30_000, 30_000],
    [0, 30_000],
  ])
})

test('asking takes no memory, as far as anybody counts', () => {
  const folder = folderWith({
    'main.js': `
    const { getTracedMemory, start, stop, takeSnapshot } = require(${JSON.stringify(LIBRARY)})
    start({ samplingInterval: 1, domains: ['arrayBuffer'] })
    const before = getTracedMemory()
    for (let i = 0; i < 1000; i++) getTracedMemory()
    console.log(JSON.stringify([before, getTracedMemory()]))
    stop()
    start('run', { samplingInterval: 64 })
    const kept = []
    for (let i = 0; i < 5000; i++) kept.push([i])
    for (let i = 0; i < 50; i++) takeSnapshot()
    new ArrayBuffer(100_000)
    stop()`,
  })
  const { code, stdout, stderr } = node(['main.js'], { cwd: folder })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const nothing = { current: 0, peak: 0 }
  expect(JSON.parse(stdout)).toEqual([nothing, nothing])
  using profile = read(join(folder, 'run'))
  const { arrayBufferBytes, arrayBufferFreedBytes, heapBytes } = profile.counters as Counters
  // The snapshots took some megabytes of objects and a quarter of one in buffers, of which some have ended.
  expect(heapBytes).toBeGreaterThan(100_000)
  expect(heapBytes).toBeLessThan(1_500_000)
  expect(arrayBufferBytes).toBeGreaterThanOrEqual(100_000)
  expect(arrayBufferBytes).toBeLessThan(120_000)
  expect(arrayBufferFreedBytes).toBeLessThan(120_000)
})

test.each(['arrayBuffer', 'heap'])('what snapshots need for themselves is not in it: %s', (domain) => {
  const told = notes(
    `
    heapproof.takeSnapshot() // compiles, and reads source maps
    heapproof.clearTraces()
    let size = 0
    for (let i = 0; i < 20; i++) size += heapproof.takeSnapshot().traces.length
    tell()`,
    domain,
  )
  // Counted, they would come to 2 MB of objects and 27 kB of buffers; V8 and Node do something of their own meanwhile.
  expect(told[0]?.peak).toBeLessThan(domain === 'heap' ? 200_000 : 8_000)
})

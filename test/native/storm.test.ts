import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { folderWith, LIBRARY, node } from '../support/command-line.js'

const binary = join(packageRoot(), 'build/Release/heapproof.node')
const storms = join(packageRoot(), 'test/native/fixtures/storms')

/** Runs a program of fixtures/storms/ and gives what it printed. */
function storm(name: string, ...args: string[]): unknown {
  const folder = folderWith()
  const { code, signal, stdout, stderr } = node([join(storms, name), ...args, folder], { cwd: folder })
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  return JSON.parse(stdout)
}

test('10,000 recordings leave nothing behind', { timeout: 300_000 }, () => {
  const left = storm('start-stop.cjs', LIBRARY, binary) as Record<string, number>
  expect(left.filesAfter).toBe(left.filesBefore)
  expect(left.listeners).toBe(0)
  // Import tables: some point to us while a recording runs, none do when it has ended.
  expect(left.pointersDuring).toBeGreaterThan(left.pointersBefore as number)
  expect(left.pointersAfter).toBe(left.pointersBefore)
  // 5,000 more recordings: 4 MiB would be 800 bytes for each. A recording's tables alone take more than a hundred times
  // that; what is allowed is for V8's own heap, which may be larger by some pages at one moment than at another.
  expect((left.residentAfter as number) - (left.residentMiddle as number)).toBeLessThan(4 << 20)
})

test('40,000 recordings of four isolates at once keep no memory', { timeout: 300_000 }, () => {
  const { middle, end } = storm('many-isolates.cjs', LIBRARY, '40000') as { middle: number; end: number }
  // What the allocator keeps for the threads grows by 12 MB between the first five and ten thousand; twenty thousand more
  // came to 0.3 to 1.2 MB.
  expect(end - middle).toBeLessThan(4 << 20)
})

test('100 worker threads begin and end, in every way, while the main thread records', {
  timeout: 300_000,
}, () => {
  expect(storm('workers.cjs', LIBRARY)).toEqual({
    buffers: 100,
    codes: { stop: { 0: 34 }, end: { 0: 33 }, terminate: { 1: 33 } },
    ends: { stop: { complete: 34 }, end: { complete: 33 }, terminate: { complete: 33 } },
    end: '',
    duration: true,
  })
})

test('four isolates start and stop, with both sources and all domains, while others allocate', {
  timeout: 300_000,
}, () => {
  expect(storm('isolates.cjs', LIBRARY)).toEqual({ rounds: 600 })
})

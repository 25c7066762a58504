import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { linesOf, mappersOf } from '../../../src/core/bracket/lines.js'
import type { TestRecord } from '../../../src/core/bracket/record.js'
import { findProfile } from '../../../src/core/format/files.js'
import { openRecording } from '../../../src/core/reader/open.js'
import { read } from '../../../src/core/reader.js'
import { digestOfTest } from '../../../src/core/snapshot/capture.js'
import { FEED } from '../../support/feed.js'
import { temporaryFolder } from '../../support/temporary.js'
import { NODE_22 } from '../snapshot/digests.js'

const folder = temporaryFolder()
const base = join(folder, 'feed')
for (const extension of ['.hpm', '.hpd']) cpSync(FEED + extension, base + extension)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('ten lines travel with the result of a test, and its heap snapshot is made of all of them', () => {
  const lines = linesOf(openRecording(findProfile(base)), '/srv/feed', mappersOf()) // fourteen lines of its own, the eleventh is treeOf's second one
  expect(lines.sites).toHaveLength(10)
  expect(lines.all).toHaveLength(14)
  expect(lines.all.slice(0, 10).map(({ line, self }) => [line, self])).toEqual(
    lines.sites.map(({ line, self }) => [line, self]),
  )
  const record = {
    heap: 4e7,
    arrayBuffers: 3.6e6,
    certainty: 'exact',
    samplingInterval: 16_384,
  } as TestRecord
  const sites = digestOfTest({ record, lines: lines.all }, NODE_22, '/srv/feed')?.sites ?? []
  const [first, second] = lines.all.filter((line) => line.function === 'treeOf')
  expect(second?.self).toBeGreaterThan(200_000)
  expect(sites.find((site) => site.function === 'treeOf')?.bytes).toBe(
    Number(first?.self) + Number(second?.self),
  )
})

/** Bytes of the heap in the lines of the recording, without what comes at some times. */
function heapWithout(times: readonly number[], allocated?: { heap: number; arrayBuffers: number }): number {
  const { all } = linesOf(openRecording(findProfile(base)), '/srv/feed', mappersOf(), { times, allocated })
  const heap = all.filter(({ domain }) => domain === 'heap')
  return heap.reduce((sum, { self }) => sum + self, 0)
}

test('what matchers did inside a test is in none of its lines, and these add up to what it allocated', () => {
  using reader = read(base)
  const middle = reader.duration / 2
  const [first, second] = [heapWithout([middle]), heapWithout([0, middle])]
  expect(Math.min(first, second)).toBeGreaterThan(1e6)
  expect(first + second).toBeCloseTo(heapWithout([Infinity]), -1)
  expect(heapWithout([0, middle, middle])).toBe(0)
  expect(heapWithout([0, middle / 2, middle / 2, middle])).toBeCloseTo(second, -1)
  // The feed's own lines hold nearly all of it.
  const counted = heapWithout([middle], { heap: 2 * first, arrayBuffers: 0 })
  expect(counted / (2 * first)).toBeGreaterThan(0.9)
  expect(counted).toBeLessThanOrEqual(2 * first)
})

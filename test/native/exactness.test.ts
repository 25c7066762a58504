import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'

interface Counted {
  readonly heap: number
  readonly arrayBuffers: number
  readonly allocated: number
}

const script = join(dirname(fileURLToPath(import.meta.url)), 'fixtures/count.mjs')
const entry = pathToFileURL(join(packageRoot(), 'dist/index.js')).href
// A process of its own: nothing else allocates there, and no test runner has warmed anything up.
const { stdout } = await promisify(execFile)(process.execPath, [script, entry])
const results: Record<string, Counted[]> = JSON.parse(stdout)
const nodeMajor = Number(process.versions.node.split('.')[0])

const heaps = (work: string) => (results[work] as Counted[]).map(({ heap }) => heap)
const spread = (values: number[]) => (Math.max(...values) - Math.min(...values)) / Math.min(...values)

test('a function that does nothing allocates nothing', () => {
  expect(results.nothing?.map(({ allocated }) => allocated)).toEqual([0, 0, 0, 0, 0, 0])
})

test('nor does an asynchronous one, less what every asynchronous call costs', () => {
  expect(results.nothingLater?.map(({ allocated }) => allocated)).toEqual([0, 0, 0, 0, 0, 0])
})

test('a million objects of 48 bytes count within 0.2 %', () => {
  for (const bytes of heaps('objects')) expect(Math.abs(bytes / 48_000_000 - 1)).toBeLessThan(0.002)
})

test('an array of a million elements is 8 MB and a header', () => {
  for (const bytes of heaps('array')) expect(Math.abs(bytes - 8_000_048)).toBeLessThan(8_000_048 * 0.002)
})

test('buffers count to the byte', () => {
  for (const { arrayBuffers } of results.buffers as Counted[]) expect(arrayBuffers).toBe(10_000_000)
})

test('the same work reads the same', () => {
  // Node 20 boxes numbers now and then, and its strings are cached by chance.
  const [objects, json] = nodeMajor === 20 ? [0.002, 0.03] : [0.001, 0.001]
  expect(spread(heaps('objects'))).toBeLessThan(objects)
  expect(spread(heaps('json'))).toBeLessThan(json)
})

// What heapprof got wrong, by the numbers of our list of its bugs; those of the sampler and of what it writes. Elsewhere:
// B1 test/native/base/statistics.test.cc, B10, B15 and B16 (collisions) test/native/base/regressions.test.cc,
// B13 test/core/session/sampling-table.test.ts, B4 and B11 test/core/reader/regressions.test.ts, B17 (when it is read)
// test/core/heapprof/damage.test.ts, the others test/core/heapprof/regressions.test.ts.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { type Reader, read } from '../../src/core/reader.js'
import { folderWith, LIBRARY, node } from '../support/command-line.js'
import { allocatingAddon } from './build-fixture.js'

const program = join(packageRoot(), 'test/native/fixtures/regressions.cjs')

/** Runs one of the programs of regressions.cjs: what it says is true, and what was recorded. */
function record<T>(name: string): { told: T; profile: Reader } {
  const cwd = folderWith()
  const base = join(cwd, 'run')
  const { code, stdout, stderr } = node(['--expose-gc', program, LIBRARY, base, name], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return { told: JSON.parse(stdout), profile: read(base) }
}

test('B6: the time between two events is not lost below the microsecond, however many there are', () => {
  const { told, profile } = record<{ seconds: number }>('timeline')
  using reader = profile
  const times: number[] = []
  for (const event of reader.events()) {
    if (event.kind === 'alloc' && (event.size === 1001 || event.size === 1002)) times.push(event.time)
  }
  // heapprof lost half a microsecond an event, here 0.2 s. Two readings of a clock are all that may differ.
  expect(times.length).toBe(2)
  expect(Math.abs((times[1] as number) - (times[0] as number) - told.seconds)).toBeLessThan(0.1)
})

test('B7: sizes of 2 GiB and more, allocated and freed', () => {
  const { told, profile } = record<{ sizes: number[] }>('huge')
  using reader = profile
  const seen = { alloc: [] as number[], free: [] as number[] }
  for (const event of reader.events()) {
    if ((event.kind === 'alloc' || event.kind === 'free') && event.size > 1e9)
      seen[event.kind].push(event.size)
  }
  expect(seen).toEqual({ alloc: told.sizes, free: told.sizes })
})

test('B12: a process forked from the one that records leaves its files alone', () => {
  const cwd = folderWith()
  const base = join(cwd, 'run')
  const script = `
    const { start, stop } = require(${JSON.stringify(LIBRARY)})
    const allocating = require(${JSON.stringify(allocatingAddon().addon)})
    start(${JSON.stringify(base)}, { samplingInterval: 1, domains: ['arrayBuffer', 'native'] })
    const handle = allocating.allocate(0, 1000, 100)
    const child = allocating.fork(handle, 100)
    for (let i = 0; i < 100; i++) new ArrayBuffer(5000)
    stop()
    console.log(child)`
  expect(node(['-e', script], { cwd })).toMatchObject({ code: 0, stdout: '0\n', stderr: '' })
  using profile = read(base)
  const frees = new Map<number, number>()
  let buffers = 0
  for (const event of profile.events()) {
    if (event.kind === 'free') frees.set(event.size, (frees.get(event.size) ?? 0) + 1)
    if (event.kind === 'alloc' && event.size === 5000) buffers++
  }
  expect(buffers).toBe(100) // written after the fork: nothing lies between
  expect(frees.get(1000)).toBe(undefined) // the child freed its copies
  expect(profile.end).toBe('')
  expect(profile.truncated).toBe(0)
})

test('B14: a place that cannot be written is an error with a code, and nothing has begun', () => {
  const cwd = folderWith()
  const script = `
    const { isProfiling, start } = require(${JSON.stringify(LIBRARY)})
    try { start('missing/run') } catch (error) { console.log(error.code, isProfiling()) }`
  expect(node(['-e', script], { cwd })).toMatchObject({ code: 0, stdout: 'cannot-write false\n' })
})

test('B16: functions that die do not lend their stacks to those that come after them', () => {
  const { told, profile } = record<{ names: string[] }>('reuse')
  using reader = profile
  const names = new Set<string>()
  for (const event of reader.events()) {
    if (event.kind === 'alloc')
      for (const frame of reader.trace(event.trace).frames) names.add(frame.function)
  }
  expect(told.names.filter((name) => !names.has(name))).toEqual([])
})

test('B17: names that are not text do not disturb what comes after them', () => {
  const { profile } = record('names')
  using reader = profile
  const files = new Map<string, string>()
  for (const event of reader.events()) {
    if (event.kind !== 'alloc') continue
    const [frame] = reader.trace(event.trace).frames
    if (frame !== undefined) files.set(frame.function, frame.file)
  }
  expect(files.get('ordinary')).toMatch(/^\/app\/.*\/bad\.js$/)
  expect([...files.keys()].filter((name) => name.startsWith('odd'))).toHaveLength(1)
  expect(files.get('after')).toBe('/app/\u00e9\u4e16\u{1f600}/good.js')
  expect(reader.truncated).toBe(0)
})

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { addon } from '../../../src/core/addon.js'
import {
  clearTraces,
  getSamplerMemory,
  getTracebackLimit,
  getTracedMemory,
  isTracing,
  resetPeak,
} from '../../../src/core/live/memory.js'
import { takeSnapshot } from '../../../src/core/live/take-snapshot.js'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { isProfiling } from '../../../src/core/session/is-profiling.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import type { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import type { Frame } from '../../../src/core/types.js'
import { folderWith } from '../../support/command-line.js'

let kept: unknown[] = []

afterEach(() => {
  stop()
  kept = []
})

/** 40,000 objects of at least 40 bytes. */
function keepObjects(): void {
  for (let i = 0; i < 40_000; i++) kept.push({ i, j: i, k: i })
}

function keepBuffer(bytes: number): void {
  kept.push(new ArrayBuffer(bytes))
}

/** Bytes of the live sites in a function. */
function liveIn(snapshot: Snapshot, name: string): number {
  const own = sites(snapshot).sites.filter((site) => site.function === name)
  return own.reduce((sum, { live }) => sum + live, 0)
}

/** Collections, and the frees they find: those of array buffers arrive from another thread. */
async function collect(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    addon().collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const notProfiling = expect.objectContaining({
  name: 'HeapproofError',
  code: 'not-profiling',
  message: 'takeSnapshot: nothing is traced in this thread: start() a live view, or a recording, before',
})

test('is_tracing: a live view is under way between start() and stop(), and leaves no file', () => {
  expect([isTracing(), isProfiling()]).toEqual([false, false])
  start()
  expect([isTracing(), isProfiling()]).toEqual([true, true])
  stop()
  expect([isTracing(), isProfiling()]).toEqual([false, false])
  stop()
})

test('without tracing: no snapshot, no bytes, and nothing that clears or resets them fails', () => {
  expect(() => takeSnapshot()).toThrow(notProfiling)
  expect(getTracedMemory()).toEqual({ current: 0, peak: 0 })
  clearTraces()
  resetPeak()
  start({ samplingInterval: 1024 })
  keepObjects()
  stop()
  expect(() => takeSnapshot()).toThrow(notProfiling)
  expect(getTracedMemory()).toEqual({ current: 0, peak: 0 })
})

test('profile_one: one allocation is one trace, with its function and line', () => {
  start({ samplingInterval: 1, domains: ['arrayBuffer'] })
  const { stack = '' } = new Error('here')
  keepBuffer(123_456)
  const { traces, total } = takeSnapshot()
  expect(traces).toMatchObject([
    { bytes: 123_456, allocations: 1, samples: 1, trace: { domain: 'arrayBuffer' } },
  ])
  expect(total).toBe(123_456)
  const line = Number(/live\.test\.ts:(\d+)/.exec(stack)?.[1])
  const frames = traces[0]?.trace.frames.filter(({ file }) => file.endsWith('live.test.ts'))
  const file = expect.stringMatching(/test\/core\/live\/live\.test\.ts$/)
  expect(frames).toMatchObject([
    { function: 'keepBuffer', file, approximate: false },
    { file, line: line + 1 },
  ])
})

test('the same line again is the same trace', () => {
  start({ samplingInterval: 1, domains: ['arrayBuffer'] })
  for (let i = 0; i < 3; i++) keepBuffer(1000)
  expect(takeSnapshot().traces).toMatchObject([{ bytes: 3000, allocations: 3, samples: 3 }])
})

test('a snapshot stays as it is: while the program goes on, when it is cleared, and after stop()', async () => {
  start({ samplingInterval: 1024 })
  keepObjects()
  const snapshot = takeSnapshot()
  const before = structuredClone({ ...snapshot })
  expect(liveIn(snapshot, 'keepObjects')).toBeGreaterThan(1_000_000)
  kept = []
  await collect()
  clearTraces()
  stop()
  expect({ ...snapshot }).toEqual(before)
  expect(() => (snapshot.traces as unknown[]).push(1)).toThrow(TypeError)
  expect(() => Object.assign(snapshot, { total: 0 })).toThrow(TypeError)
})

test('what a snapshot knows of the live view', () => {
  start({ samplingInterval: 2048, stackDepth: 3 })
  keepObjects()
  const snapshot = takeSnapshot()
  expect(snapshot).toMatchObject({ samplingInterval: 2048, sampling: { interval: 2048 }, tracebackLimit: 3 })
  expect(snapshot.time).toBeGreaterThan(0)
  expect(snapshot.time).toBeLessThan(60)
  expect(snapshot.total).toBe(snapshot.traces.reduce((sum, { bytes }) => sum + bytes, 0))
  const order = snapshot.traces.map(({ bytes }) => bytes)
  expect(order).toEqual([...order].sort((a, b) => b - a))
  for (const { trace } of snapshot.traces) expect(trace.frames.length).toBeLessThanOrEqual(3)
  stop()
  start({ samplingProbability: { 128: 0.5, 4096: 1 } })
  const table: [number, number][] = [
    [128, 0.5],
    [4096, 1],
  ]
  expect(takeSnapshot()).toMatchObject({ samplingInterval: 0, sampling: { table }, tracebackLimit: 128 })
})

test('what is freed is gone from the next snapshot', async () => {
  start({ samplingInterval: 1024 })
  keepObjects()
  keepBuffer(1_000_000)
  await collect()
  expect(liveIn(takeSnapshot(), 'keepObjects')).toBeGreaterThan(1_000_000)
  expect(liveIn(takeSnapshot(), 'keepBuffer')).toBeCloseTo(1_000_000, -4)
  kept = []
  await collect()
  expect(liveIn(takeSnapshot(), 'keepObjects')).toBeLessThan(20_000) // V8 may still know the last one
  expect(liveIn(takeSnapshot(), 'keepBuffer')).toBe(0)
})

test.each(['direct', 'polled'] as const)(
  'a snapshot has everything up to now, and nothing more: %s',
  (source) => {
    start({ samplingInterval: 64, source, domains: ['heap'] })
    const seen: number[] = []
    for (let round = 0; round < 3; round++) {
      keepObjects()
      seen.push(liveIn(takeSnapshot(), 'keepObjects'))
    }
    // 40,000 objects of 40 to 64 bytes a round, less what one snapshot differs from the next by chance.
    const [first, second, third] = seen as [number, number, number]
    expect(first).toBeGreaterThan(1_500_000)
    for (const more of [second - first, third - second]) expect(more).toBeGreaterThan(1_400_000)
    clearTraces()
    expect(liveIn(takeSnapshot(), 'keepObjects')).toBe(0)
  },
)

test.each(['direct', 'polled'] as const)('what heapproof holds itself is in no snapshot: %s', (source) => {
  start({ samplingInterval: 16, source })
  for (let i = 0; i < 5; i++) kept.push(takeSnapshot())
  const named = ({ file }: Frame): boolean => file !== '' && !file.startsWith('node:')
  for (const { trace } of takeSnapshot().traces) {
    expect(trace.frames.find(named)?.file ?? '').not.toMatch(/\/src\/core\//)
  }
})

test('the estimate of the live bytes is scaled', () => {
  start({ samplingInterval: 4096 })
  keepObjects()
  const { traces } = takeSnapshot()
  const heaviest = traces[0]
  // Less than one in ten of these objects is drawn: unscaled, they would come to a tenth.
  expect(heaviest?.bytes).toBeGreaterThan(1_300_000)
  expect(heaviest?.allocations).toBeGreaterThan(5 * (heaviest?.samples as number))
})

test('traceback limit: as started, at most so many frames, and kept after stop()', () => {
  start({ stackDepth: 2, samplingInterval: 1, domains: ['arrayBuffer'] })
  expect(getTracebackLimit()).toBe(2)
  const deep = (depth: number): void => (depth === 0 ? keepBuffer(9) : deep(depth - 1))
  deep(10)
  expect(takeSnapshot().traces).toMatchObject([{ trace: { truncated: true, frames: { length: 2 } } }])
  stop()
  expect(getTracebackLimit()).toBe(2)
  start({ stackDepth: 1 })
  expect(getTracebackLimit()).toBe(1)
})

test('starting again with another interval begins with that interval', () => {
  // mprofile kept the countdown of the first start: then nothing was seen until a gigabyte had gone by.
  start({ samplingInterval: 2 ** 30 })
  keepObjects()
  keepBuffer(100_000)
  expect(takeSnapshot().total).toBeLessThan(2 ** 31)
  stop()
  start({ samplingInterval: 1 })
  keepObjects()
  keepBuffer(100_000)
  const snapshot = takeSnapshot()
  expect(liveIn(snapshot, 'keepObjects')).toBeGreaterThan(1_600_000)
  expect(liveIn(snapshot, 'keepBuffer')).toBeGreaterThanOrEqual(100_000)
})

test('a recording into files can be asked for the same, and clearing it leaves the files alone', () => {
  const base = join(folderWith(), 'run')
  start(base, { samplingInterval: 1024 })
  keepObjects()
  const snapshot = takeSnapshot()
  expect(liveIn(snapshot, 'keepObjects')).toBeGreaterThan(1_000_000)
  expect(getTracedMemory().current).toBeGreaterThan(1_000_000)
  expect(getTracebackLimit()).toBe(128)
  clearTraces()
  expect(liveIn(takeSnapshot(), 'keepObjects')).toBe(0)
  stop()
  using profile = read(base)
  const recorded = sites(profile).sites.filter((site) => site.function === 'keepObjects')
  expect(recorded.reduce((sum, { live }) => sum + live, 0)).toBeGreaterThan(1_000_000)
})

test('a recording whose files were removed says so', () => {
  const folder = folderWith()
  start(join(folder, 'run'))
  rmSync(join(folder, 'run.hpm'))
  expect(() => takeSnapshot()).toThrow(expect.objectContaining({ code: 'profile-not-found' }))
  expect(isTracing()).toBe(true)
})

test('a second start is refused, with or without a file', () => {
  start()
  const refusal = expect.objectContaining({
    code: 'already-profiling',
    message: 'a live view is under way: stop() it before the next start()',
  })
  expect(() => start()).toThrow(refusal)
  expect(() => start(join(folderWith(), 'run'))).toThrow(refusal)
  expect(isTracing()).toBe(true)
})

test.each([
  [[null], 'start: expected an object with options, received null'],
  [[[]], 'start: expected an object with options, received []'],
  [[{ depth: 3 }], /^start: unknown option "depth"/],
  [[undefined, {}], 'fileBase must be the path of the profile without an extension, received undefined'],
  [[{}, {}], 'fileBase must be the path of the profile without an extension, received {}'],
])('start(...%j) is refused', (args, message) => {
  expect(() => (start as (...args: unknown[]) => void)(...args)).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    }),
  )
  expect(isTracing()).toBe(false)
})

test('what the sampler uses is known, and grows with what it holds', () => {
  start({ samplingInterval: 1 })
  const before = getSamplerMemory()
  expect(before).toBeGreaterThan(0)
  keepObjects()
  // 32 bytes at least for each of 40,000 live samples.
  expect(getSamplerMemory() - before).toBeGreaterThan(1_280_000)
})

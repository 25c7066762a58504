import { afterAll, expect, test } from 'vitest'
import { type ProfileView, type ViewOptions, viewOf } from '../../../src/core/export/view.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { HEADER, LogBuilder, logFolder } from '../../support/log-builder.js'
import { exactLog, totals } from './support.js'

const folder = logFolder()
afterAll(folder.remove)

function opened(...logs: LogBuilder[]): Reader[] {
  return logs.map((log, index) => read(log.write(folder.base(`log${index}`))))
}

function viewOfLogs(logs: readonly LogBuilder[], options?: ViewOptions): ProfileView {
  const readers = opened(...logs)
  try {
    return viewOf(readers, options)
  } finally {
    for (const reader of readers) reader.close()
  }
}

/** Leaf function, domain, thread, and the four numbers. */
function rows({ tree, traces }: ProfileView): unknown[] {
  return traces.map(({ node, domain, thread, allocated, live }) => [
    tree.frames[tree.stack(node)[0] as number]?.function,
    domain,
    thread,
    allocated.bytes,
    allocated.allocations,
    live.bytes,
    live.allocations,
  ])
}

test('four numbers for each stack, most bytes first', () => {
  const log = exactLog()
  const [a, b] = [log.trace([{ function: 'a' }]), log.trace([{ function: 'b' }], 'arrayBuffer')]
  log.events.alloc(10, a, 100).alloc(20, a, 60).alloc(30, b, 500).free(40, a, 100, 30)
  const view = viewOfLogs([log])
  expect(rows(view)).toEqual([
    ['b', 'arrayBuffer', 'main', 500, 1, 500, 1],
    ['a', 'heap', 'main', 160, 2, 60, 1],
  ])
  expect(view).toMatchObject({
    hasAllocated: true,
    time: 40e-6,
    samplingInterval: 512,
    startTime: HEADER.startTime,
  })
})

test('at a time it is as if the recording had ended there', () => {
  const log = exactLog()
  const a = log.trace([{ function: 'a' }])
  log.events.alloc(1_000_000, a, 100).alloc(2_000_000, a, 60).free(3_000_000, a, 100, 2_000_000)
  const at = (time: number) => rows(viewOfLogs([log], { at: time }))
  expect(at(0.999999)).toEqual([])
  expect(at(1)).toEqual([['a', 'heap', 'main', 100, 1, 100, 1]]) // the events of that microsecond included
  expect(at(2.5)).toEqual([['a', 'heap', 'main', 160, 2, 160, 2]])
  expect(at(3)).toEqual([['a', 'heap', 'main', 160, 2, 60, 1]])
  expect(viewOfLogs([log], { at: 100 }).time).toBe(3)
})

test('the peak is the first time at which most bytes are live, all recordings together', () => {
  const [first, second] = [exactLog(), exactLog({ ...HEADER, startTime: HEADER.startTime + 1000 })]
  const [a, b] = [first.trace([{ function: 'a' }]), second.trace([{ function: 'b' }])]
  // Alone, the first has its peak at 1 s and the second at its own 2 s, which is 3 s: together it is 2 s.
  first.events.alloc(1_000_000, a, 1000).free(1_500_000, a, 1000, 500_000).alloc(1_600_000, a, 900)
  first.events.free(2_500_000, a, 900, 900_000)
  second.events.alloc(1_000_000, b, 300).free(1_900_000, b, 300, 900_000).alloc(2_000_000, b, 400)
  const view = viewOfLogs([first, second], { at: 'peak' })
  expect(view.time).toBe(2)
  expect(rows(view)).toEqual([
    ['a', 'heap', 'main', 1900, 2, 900, 1],
    ['b', 'heap', 'main', 300, 1, 300, 1],
  ])
})

test('a peak that comes back is the first one, also of what is sampled', () => {
  const logs = [new LogBuilder(), exactLog()] as const
  logs[0].events.sampling(0, 'heap', 512)
  const trace = logs[0].trace([{ function: 'f' }])
  const sizes = [8, 24, 40, 56, 104, 488]
  for (let round = 0; round < 50; round++) {
    const at = round * 100
    for (const [index, size] of sizes.entries()) logs[0].events.alloc(at + index, trace, size)
    for (const [index, size] of sizes.toReversed().entries())
      logs[0].events.free(at + 50 + index, trace, size, 50)
  }
  const [reader, empty] = opened(...logs) as [Reader, Reader]
  expect(reader.peak().time).toBe(5e-6)
  expect(viewOf([reader], { at: 'peak' }).time).toBe(5e-6)
  expect(viewOf([reader, empty], { at: 'peak' }).time).toBe(5e-6)
  expect(viewOf([reader], { at: 'peak', domain: 'heap' }).time).toBe(5e-6)
  expect(totals(viewOf([reader], { at: 'peak' })).live).toBeCloseTo(reader.peak().bytes, 1)
  reader.close()
  empty.close()
})

test('what is freed in the microsecond of an allocation makes no peak', () => {
  const log = exactLog()
  const a = log.trace([{ function: 'a' }])
  log.events.alloc(1, a, 1000).free(1, a, 1000, 0).alloc(5, a, 10)
  expect(viewOfLogs([log], { at: 'peak' }).time).toBe(5e-6)
})

test('a domain alone, and its own peak', () => {
  const log = exactLog()
  const [a, b] = [log.trace([{ function: 'a' }]), log.trace([{ function: 'b' }], 'arrayBuffer')]
  log.events.alloc(1, a, 1000).alloc(2, b, 10).free(3, a, 1000, 2).alloc(4, b, 10)
  expect(rows(viewOfLogs([log], { domain: 'arrayBuffer' }))).toEqual([
    ['b', 'arrayBuffer', 'main', 20, 2, 20, 2],
  ])
  expect(viewOfLogs([log], { at: 'peak' }).time).toBe(2e-6)
  expect(viewOfLogs([log], { at: 'peak', domain: 'arrayBuffer' }).time).toBe(4e-6)
})

test('equal stacks of several recordings are one, whatever their numbers in their files', () => {
  const [first, second] = [exactLog(), exactLog({ ...HEADER, pid: 4712 })]
  const stack = [{ function: 'leaf', line: 3 }, { function: 'root' }]
  second.trace([{ function: 'other' }])
  first.events.alloc(1, first.trace(stack), 10)
  second.events.alloc(1, second.trace(stack), 20)
  const view = viewOfLogs([first, second])
  expect(rows(view)).toEqual([['leaf', 'heap', 'main', 30, 2, 30, 2]])
  expect(view.headers.map(({ pid }) => pid)).toEqual([4711, 4712])
})

test('threads are told apart by the numbers that Node gave them', () => {
  const worker = exactLog({ ...HEADER, thread: 3 })
  const main = exactLog()
  main.events
    .alloc(1, main.trace([{}]), 10)
    .thread(2, 2)
    .alloc(2, main.trace([{}]), 4)
  worker.events.alloc(1, worker.trace([{}]), 5)
  expect(viewOfLogs([main, worker]).traces.map(({ thread }) => thread)).toEqual([
    'main',
    'worker 3',
    'native thread 2',
  ])
})

test('what heapproof allocates for itself is left out', () => {
  const log = exactLog()
  const own = log.trace([
    { function: 'push', url: 'node:internal/timers' },
    { function: 'start', url: '/app/node_modules/heapproof/dist/index.js' },
    { function: 'main' },
  ])
  const called = log.trace([
    { function: 'fn' },
    { function: 'measure', url: '/app/node_modules/heapproof/dist/index.js' },
  ])
  log.events.alloc(1, own, 1000).alloc(2, called, 40)
  expect(rows(viewOfLogs([log]))).toEqual([['fn', 'heap', 'main', 40, 1, 40, 1]])
  expect(rows(viewOfLogs([log], { at: 'peak' }))).toEqual([['fn', 'heap', 'main', 40, 1, 40, 1]])
})

test('in the measure of the exact counters, like sites()', () => {
  const log = new LogBuilder()
  log.events.sampling(0, 'heap', 512)
  for (let i = 0; i < 300; i++) log.events.alloc(i, log.trace([{ function: `f${i % 7}` }]), 100 + i)
  for (let i = 0; i < 50; i++) log.events.free(300 + i, log.trace([{ function: `f${i % 7}` }]), 100 + i, 300)
  const exact = 250_000
  log.events.counters(400, { ...NO_COUNTERS, heapBytes: exact }).end(400)
  const [reader] = opened(log) as [Reader]
  const view = viewOf([reader])
  const summary = sites(reader)
  const half = viewOf([reader], { at: 150e-6 })
  reader.close()
  expect(totals(view).allocated).toBeCloseTo(summary.self, 6)
  expect(totals(view).allocated).toBeCloseTo(exact, 6)
  const live = summary.sites.reduce((sum, site) => sum + site.live, 0)
  expect(totals(view).live).toBeCloseTo(live, 6)
  // The same factor at any time.
  const raw = (until: number) =>
    Array.from({ length: until }, (_, i) => (100 + i) / -Math.expm1(-(100 + i) / 512)).reduce((a, b) => a + b)
  expect(totals(half).allocated).toBeCloseTo((exact * raw(151)) / raw(300), 6)
})

test('unknown stacks, truncated stacks and stacks of nothing but unknown functions are kept', () => {
  const log = exactLog()
  const cut = log.trace([{ function: 'deep' }], 'heap', true)
  const whole = log.trace([{ function: 'deep' }])
  const anonymous = log.trace([{ function: '', url: '' }])
  log.events.alloc(1, 0, 8).alloc(1, cut, 16).alloc(1, whole, 24).alloc(1, anonymous, 32)
  const view = viewOfLogs([log])
  expect(rows(view).map((row) => (row as unknown[])[0])).toEqual(['(anonymous)', 'deep', 'deep', '(unknown)'])
  expect(view.traces.map(({ truncated }) => truncated)).toEqual([false, false, true, false])
})

test('a function start is known where the source is the script', () => {
  const log = exactLog()
  const plain = log.trace([{ function: 'plain', line: 9 }])
  const mapped = log.trace([{ function: 'mapped', line: 8 }])
  log.mapped(2, { line: 80, column: 1, file: '/app/main.ts', name: '' })
  log.events.alloc(1, plain, 8).alloc(1, mapped, 8)
  const starts = viewOfLogs([log]).tree.frames.map(({ function: name, file, line, start }) => [
    name,
    file,
    line,
    start,
  ])
  expect(starts).toEqual([
    ['(unknown)', '', 0, 0],
    ['plain', '/app/main.js', 9, 1],
    ['mapped', '/app/main.ts', 80, 0],
  ])
})

test('recordings that began in other centuries are refused', () => {
  const logs = [exactLog(), exactLog({ ...HEADER, startTime: 1e300 })]
  const refusal = expect.objectContaining({ code: 'damaged-profile' })
  expect(() => viewOfLogs(logs)).toThrow(refusal)
  expect(() => viewOfLogs(logs, { at: 'peak' })).toThrow(refusal)
})

test('a snapshot knows what is live', () => {
  const frame = { function: 'f', file: '/app/a.js', line: 1, column: 2, approximate: false }
  const trace = { index: 1, domain: 'heap', frames: [frame, frame], truncated: false } as const
  const other = { ...trace, index: 2, domain: 'arrayBuffer' } as const
  const snapshot = new Snapshot({
    traces: [
      { trace, bytes: 10.5, allocations: 2, samples: 1 },
      { trace: other, bytes: 7, allocations: 1, samples: 1 },
    ],
    time: 3,
    sampling: { interval: 64 },
    tracebackLimit: 128,
  })
  const view = viewOf(snapshot)
  expect(view).toMatchObject({ hasAllocated: false, time: 3, samplingInterval: 64, headers: [] })
  expect(rows(view)).toEqual([
    ['f', 'heap', 'main', 0, 0, 10.5, 2],
    ['f', 'arrayBuffer', 'main', 0, 0, 7, 1],
  ])
  expect(view.tree.stack(view.traces[0]?.node as number)).toHaveLength(2)
  expect(viewOf(snapshot, { domain: 'arrayBuffer' }).traces).toHaveLength(1)
})

const NO_COUNTERS = {
  heapBytes: 0,
  collections: 0,
  majorCollections: 0,
  arrayBufferBytes: 0,
  arrayBufferCalls: 0,
  arrayBufferFreedBytes: 0,
  arrayBufferFrees: 0,
  nativeBytes: 0,
  nativeCalls: 0,
  nativeFrees: 0,
  unseenCollections: 0,
}

// heapprof's own reader opens what we export. Runs where Python can import heapprof 1.0.2:
//
//   PYTHON=python3.7 PYTHONPATH=/where/heapprof/is npx vitest run test/core/heapprof/python.test.ts
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exportHeapprof } from '../../../src/core/heapprof/export.js'
import { packageRoot } from '../../../src/core/package-root.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { folderWith, LIBRARY, node } from '../../support/command-line.js'
import { LogBuilder } from '../../support/log-builder.js'
import type { Judgement } from './fixtures.js'

const PYTHON = process.env.PYTHON ?? 'python3'
const missing = spawnSync(PYTHON, ['-c', 'import heapprof, _heapprof']).status !== 0

const PROGRAM = `
const { start, stop } = require(${JSON.stringify(LIBRARY)})
const grow = (count) => Array.from({ length: count }, (_, index) => ({ index, list: new Array(20).fill(index) }))
const buffers = (count) => Array.from({ length: count }, () => new ArrayBuffer(50_000))
start(process.argv[2], { samplingInterval: Number(process.argv[3]) })
const kept = []
for (let round = 0; round < 20; round++) {
  kept.push(grow(2000), buffers(20))
  if (round % 5 === 4) {
    kept.length = 2
    gc()
  }
}
setTimeout(() => stop(), 50)
`

interface Python extends Judgement {
  readonly allocatedBytes: Readonly<Record<string, number>>
}

function judge(base: string, interval: number): Python {
  const script = join(packageRoot(), 'test/core/heapprof/fixtures/judge.py')
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
  const { status, stdout, stderr } = spawnSync(PYTHON, [script, base, String(interval)], {
    encoding: 'utf8',
    env,
    maxBuffer: 2 ** 28,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** Bytes by trace, allocated and live at the end, as the events of an exported recording say when we read them. */
function bytesOf(reader: Reader): { allocated: Map<number, number>; live: Map<number, number> } {
  const [allocated, live] = [new Map<number, number>(), new Map<number, number>()]
  for (const event of reader.events()) {
    if (event.kind !== 'alloc' && event.kind !== 'free') continue
    const bytes = event.size * event.scale
    if (event.kind === 'alloc') allocated.set(event.trace, (allocated.get(event.trace) ?? 0) + bytes)
    live.set(event.trace, (live.get(event.trace) ?? 0) + (event.kind === 'alloc' ? bytes : -bytes))
  }
  return { allocated, live }
}

test.skipIf(missing).each([
  [1024, 'weighted'],
  [1024, 'original'],
  [1, 'weighted'],
  [1, 'original'],
] as const)(
  'a recording at an interval of %i, with %s sizes, has the same bytes in heapprof',
  (interval, sizes) => {
    const cwd = folderWith({ 'program.cjs': PROGRAM })
    const [base, target] = [join(cwd, 'ours'), join(cwd, 'theirs')]
    expect(node(['--expose-gc', 'program.cjs', base, String(interval)], { cwd })).toMatchObject({ code: 0 })
    using ours = read(base)
    const told = exportHeapprof(ours, target, { sizes })
    using again = read(target)
    const said = judge(target, ours.duration / 10)
    expect(said.error).toBe('')
    expect(said.eventCount).toBe(told.events)
    expect(said.traces.length).toBe(ours.traceCount)
    const { allocated, live } = bytesOf(again)
    expect(Object.keys(said.allocatedBytes).map(Number).sort()).toEqual(Array.from(allocated.keys()).sort())
    for (const [trace, bytes] of Object.entries(said.allocatedBytes)) {
      expect(bytes / (allocated.get(Number(trace)) as number)).toBeCloseTo(1, 9)
    }
    for (const [trace, bytes] of live) expect(said.liveBytes[trace] ?? 0).toBeCloseTo(bytes, 0)
    for (const [index, frames] of said.traces.entries()) {
      const theirs = again.trace(index + 1).frames.map(({ file, line }) => [file, line])
      expect([...frames].reverse()).toEqual(theirs)
    }
    // The last snapshot holds all but the end of the recording: up to one interval.
    expect(said.snapshots.length).toBeGreaterThanOrEqual(8)
  },
)

test.skipIf(missing)('bytes by trace are those of the recording, within the error that was told', () => {
  const cwd = folderWith({ 'program.cjs': PROGRAM })
  const [base, target] = [join(cwd, 'ours'), join(cwd, 'theirs')]
  expect(node(['--expose-gc', 'program.cjs', base, '512'], { cwd })).toMatchObject({ code: 0 })
  using ours = read(base)
  for (const sizes of ['weighted', 'original'] as const) {
    const { largestError } = exportHeapprof(ours, target, { sizes })
    const { allocatedBytes } = judge(target, 1)
    const { allocated } = bytesOf(ours)
    const factors = Object.entries(allocatedBytes).map(([trace, bytes]) => ({
      domain: ours.domainOf(Number(trace)),
      factor: bytes / (allocated.get(Number(trace)) as number),
    }))
    expect(factors.length).toBeGreaterThan(2)
    // All of a domain are scaled alike, to what the exact counters say.
    for (const domain of ['heap', 'arrayBuffer']) {
      const own = factors.filter((one) => one.domain === domain).map(({ factor }) => factor)
      expect(Math.max(...own) / Math.min(...own)).toBeLessThanOrEqual((1 + largestError) / (1 - largestError))
    }
  }
})

test.skipIf(missing)('blocks of 2 GiB and more arrive whole', () => {
  const cwd = folderWith()
  const log = new LogBuilder()
  const traces = [1, 2, 3].map((line) => log.trace([{ line }]))
  const sizes = [2 ** 31 - 1, 2 ** 31, 10 * 2 ** 30 + 8]
  log.events.sampling(0, 'heap', 1)
  for (const [index, size] of sizes.entries()) log.events.alloc(index + 1, traces[index] as number, size)
  using reader = read(log.write(join(cwd, 'ours')))
  exportHeapprof(reader, join(cwd, 'theirs'))
  const { allocatedBytes } = judge(join(cwd, 'theirs'), 1)
  expect(Object.values(allocatedBytes)).toEqual(sizes)
})

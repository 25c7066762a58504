import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { takeSnapshot } from '../../../src/core/live/take-snapshot.js'
import { read } from '../../../src/core/reader.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { DomainFilter, Filter } from '../../../src/core/tracemalloc/filter.js'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import type { Traceback } from '../../../src/core/tracemalloc/traceback.js'
import { folderWith } from '../../support/command-line.js'

// On stacks of this file, recorded by the sampler.

const HERE = import.meta.filename
let kept: unknown[] = []

afterEach(() => {
  stop()
  kept = []
})

/** The line of this file that calls `whereAmI()`. */
function whereAmI(): number {
  return Number(/:(\d+):\d+\)?$/.exec(new Error().stack?.split('\n')[2] as string)?.[1])
}

const KEEP_LINE = whereAmI() + 2
function keepBuffer(bytes: number): void {
  kept.push(new ArrayBuffer(bytes))
}

/** A recursion of so many calls that keeps one buffer. */
function deep(depth: number, bytes: number): void {
  if (depth === 0) keepBuffer(bytes)
  else deep(depth - 1, bytes)
}

const EXACT = { samplingInterval: 1, domains: ['arrayBuffer'] as const }

test('create_snapshot, by line, file, function and stack: the newest frame is the line that allocates', () => {
  start(EXACT)
  keepBuffer(1000)
  keepBuffer(3000)
  const snapshot = takeSnapshot()
  expect(snapshot.statistics('lineno').map(String)).toEqual([
    `${HERE}:${KEEP_LINE}: size=4000 B, count=2, average=2000 B`,
  ])
  expect(snapshot.statistics('filename').map(String)).toEqual([
    `${HERE}:0: size=4000 B, count=2, average=2000 B`,
  ])
  expect(snapshot.statistics('function').map(String)).toEqual([
    `keepBuffer (${HERE}): size=4000 B, count=2, average=2000 B`,
  ])
  const stacks = snapshot.statistics('traceback')
  expect(stacks.map(({ size }) => size)).toEqual([3000, 1000])
  expect(stacks.map(({ traceback }) => traceback.at(-1)?.function)).toEqual(['keepBuffer', 'keepBuffer'])
  expect(stacks[0]).toMatchObject({ samples: 1, error: 0 })
})

test('cumulative: who called counts as well, and a recursion counts once', () => {
  start(EXACT)
  deep(20, 5000)
  const statistics = takeSnapshot().statistics('function', { cumulative: true })
  for (const name of ['deep', 'keepBuffer']) {
    const [own, ...others] = statistics.filter(({ traceback }) => traceback.at(0)?.function === name)
    expect({ name, size: own?.size, count: own?.count, others }).toEqual({
      name,
      size: 5000,
      count: 1,
      others: [],
    })
  }
})

test('compare_to: what came and what went between two snapshots of a live view', () => {
  start(EXACT)
  keepBuffer(1000)
  const before = takeSnapshot()
  keepBuffer(20_000)
  const after = takeSnapshot()
  const [diff, ...others] = after.compareTo(before, 'lineno')
  expect(String(diff)).toBe(`${HERE}:${KEEP_LINE}: size=20.5 KiB (+19.5 KiB), count=2 (+1), average=10.3 KiB`)
  expect(others).toEqual([])
  const back = before.compareTo(after, 'traceback')
  expect(back.map(({ sizeDiff, samplesDiff }) => [sizeDiff, samplesDiff])).toEqual([
    [-20_000, -1],
    [0, 0],
  ])
})

test('format_traceback shows the lines of this file', () => {
  start(EXACT)
  deep(1, 100)
  const [statistic] = takeSnapshot().statistics('traceback')
  const lines = statistic?.traceback.format(3)
  expect(lines?.map((line) => line.replace(/\d+$/, 'N'))).toEqual([
    `  File "${HERE}", line N`,
    '    else deep(depth - 1, bytes)',
    `  File "${HERE}", line N`,
    '    if (depth === 0) keepBuffer(bytes)',
    `  File "${HERE}", line N`,
    '    kept.push(new ArrayBuffer(bytes))',
  ])
  expect(statistic?.traceback.format(1, true, folderWith())).toEqual([`  File "${HERE}", line ${KEEP_LINE}`])
})

test('filters by file, line and domain', () => {
  start({ samplingInterval: 64 })
  keepBuffer(1_000_000)
  for (let i = 0; i < 20_000; i++) kept.push({ i, j: i })
  const snapshot = takeSnapshot()
  expect(snapshot.filterTraces([new DomainFilter(true, 'arrayBuffer')]).total).toBeCloseTo(1_000_000, -4)
  const line = snapshot.filterTraces([
    new Filter(true, '*/live.test.ts', { lineno: KEEP_LINE, domain: 'arrayBuffer' }),
  ])
  expect(line.traces).toHaveLength(1)
  const [keep, leave] = [true, false].map(
    (inclusive) => snapshot.filterTraces([new Filter(inclusive, HERE)]).total,
  )
  expect(keep).toBeGreaterThan(1_000_000)
  expect((keep as number) + (leave as number)).toBeCloseTo(snapshot.total, 3)
})

test('profile_1frame, set_traceback_limit: a stack cut to its newest frames is truncated', () => {
  start({ ...EXACT, stackDepth: 1 })
  deep(5, 100)
  const [entry] = takeSnapshot().traces
  expect(entry?.traceback).toMatchObject({ truncated: true, length: 1 })
  expect(String(entry)).toBe(`${HERE}:${KEEP_LINE}: 100 B`)
})

test('a snapshot is dumped while it is taken, and compared with a later one when it is loaded', () => {
  const path = join(folderWith(), 'before.json')
  start({ samplingInterval: 256 })
  deep(3, 100_000)
  for (let i = 0; i < 20_000; i++) kept.push({ i })
  const before = takeSnapshot()
  before.dump(path, { attributes: { when: 'before' } })
  deep(3, 50_000)
  const after = takeSnapshot()
  stop()
  const loaded = Snapshot.load(path)
  expect(loaded.traces).toEqual(before.traces)
  expect({ ...loaded, attributes: {} }).toEqual({ ...before })
  const [one, other] = [loaded, before].map((old) => after.compareTo(old, 'traceback').map(String))
  expect(one).toEqual(other)
})

test('get_traces_intern_traceback: equal stacks have equal tracebacks, also in another recording', () => {
  const tracebacks = [0, 1].map(() => {
    start(EXACT)
    deep(2, 100)
    const { traces } = takeSnapshot()
    stop()
    return traces[0]?.traceback as Traceback
  })
  const [first, second] = tracebacks as [Traceback, Traceback]
  expect(first).not.toBe(second)
  expect(first.equals(second)).toBe(true)
})

test('a snapshot out of the files of a recording says what the live one said', () => {
  const base = join(folderWith(), 'run')
  start(base, EXACT)
  deep(3, 100_000)
  keepBuffer(70_000)
  const live = takeSnapshot()
  stop()
  using reader = read(base)
  const recorded = reader.snapshotAt(reader.duration)
  for (const key of ['lineno', 'filename', 'function', 'traceback'] as const) {
    expect(recorded.statistics(key).map(String)).toEqual(live.statistics(key).map(String))
    expect(recorded.compareTo(live, key).filter(({ sizeDiff }) => sizeDiff !== 0)).toEqual([])
  }
  const path = `${base}.json`
  recorded.dump(path)
  expect(Snapshot.load(path).traces).toEqual(recorded.traces)
  expect(recorded.filterTraces([new Filter(true, HERE)]).total).toBe(170_000)
})

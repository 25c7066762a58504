import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StatisticKey } from '../../../src/core/tracemalloc/group.js'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { snapshots } from './arbitrary.js'
import { frame, snapshotOf, texts } from './snapshots.js'

/** Two lines of cache.ts that main.ts calls, one line of main.ts itself, and a stack nobody knows. */
const OLD = snapshotOf([
  [30, 3, 'cache.ts:2 main.ts:4'],
  [2, 1, 'cache.ts:5 main.ts:4', 'arrayBuffer'],
  [66, 1, 'main.ts:1', 'native'],
  [7, 1, ''],
])

/** Later: cache.ts:5 has grown, main.ts:1 is gone, and util.ts has come. */
const NEW = snapshotOf([
  [30, 3, 'cache.ts:2 main.ts:4'],
  [5002, 2, 'cache.ts:5 main.ts:4', 'native'],
  [400, 1, 'util.ts:578'],
])

test('group_by_line', () => {
  expect(texts(OLD.statistics('lineno'))).toEqual([
    'main.ts:1: size=66 B, count=1, average=66 B',
    'cache.ts:2: size=30 B, count=3, average=10 B',
    '<unknown>:0: size=7 B, count=1, average=7 B',
    'cache.ts:5: size=2 B, count=1, average=2 B',
  ])
  expect(texts(NEW.compareTo(OLD, 'lineno'))).toEqual([
    'cache.ts:5: size=5002 B (+5000 B), count=2 (+1), average=2501 B',
    'util.ts:578: size=400 B (+400 B), count=1 (+1), average=400 B',
    'main.ts:1: size=0 B (-66 B), count=0 (-1)',
    '<unknown>:0: size=0 B (-7 B), count=0 (-1)',
    'cache.ts:2: size=30 B (+0 B), count=3 (+0), average=10 B',
  ])
})

test('group_by_file: the line is 0', () => {
  const [first] = OLD.statistics('filename')
  expect(first?.traceback.frames).toEqual([frame('main.ts:0')])
  expect(texts(OLD.statistics('filename'))).toEqual([
    'main.ts:0: size=66 B, count=1, average=66 B',
    'cache.ts:0: size=32 B, count=4, average=8 B',
    '<unknown>:0: size=7 B, count=1, average=7 B',
  ])
  expect(texts(NEW.compareTo(OLD, 'filename'))).toEqual([
    'cache.ts:0: size=5032 B (+5000 B), count=5 (+1), average=1006 B',
    'util.ts:0: size=400 B (+400 B), count=1 (+1), average=400 B',
    'main.ts:0: size=0 B (-66 B), count=0 (-1)',
    '<unknown>:0: size=0 B (-7 B), count=0 (-1)',
  ])
})

test('group_by_traceback: the whole stack, whatever the domain', () => {
  const statistics = OLD.statistics('traceback')
  expect(statistics.map(({ size, traceback }) => [size, traceback.frames.map(({ line }) => line)])).toEqual([
    [66, [1]],
    [30, [4, 2]],
    [7, [0]],
    [2, [4, 5]],
  ])
  expect(
    NEW.compareTo(OLD, 'traceback').map(({ size, sizeDiff, count, countDiff }) => [
      size,
      sizeDiff,
      count,
      countDiff,
    ]),
  ).toEqual([
    [5002, 5000, 2, 1],
    [400, 400, 1, 1],
    [0, -66, 0, -1],
    [0, -7, 0, -1],
    [30, 0, 3, 0],
  ])
  const domains = snapshotOf([
    [1, 1, 'a.ts:1'],
    [2, 1, 'a.ts:1', 'native'],
  ])
  expect(texts(domains.statistics('traceback'))).toEqual(['a.ts:1: size=3 B, count=2, average=2 B'])
})

test('group_by_cumulative: what a file or line allocated, and what it called', () => {
  expect(texts(OLD.statistics('filename', { cumulative: true }))).toEqual([
    'main.ts:0: size=98 B, count=5, average=20 B',
    'cache.ts:0: size=32 B, count=4, average=8 B',
    '<unknown>:0: size=7 B, count=1, average=7 B',
  ])
  expect(texts(NEW.compareTo(OLD, 'lineno', { cumulative: true }))).toEqual([
    'main.ts:4: size=5032 B (+5000 B), count=5 (+1), average=1006 B',
    'cache.ts:5: size=5002 B (+5000 B), count=2 (+1), average=2501 B',
    'util.ts:578: size=400 B (+400 B), count=1 (+1), average=400 B',
    'main.ts:1: size=0 B (-66 B), count=0 (-1)',
    '<unknown>:0: size=0 B (-7 B), count=0 (-1)',
    'cache.ts:2: size=30 B (+0 B), count=3 (+0), average=10 B',
  ])
})

test('recursion counts once, where CPython counts each frame', () => {
  const snapshot = snapshotOf([[10, 1, 'walk.ts:2 walk.ts:2 walk.ts:2 walk.ts:7 main.ts:1']])
  expect(texts(snapshot.statistics('lineno', { cumulative: true }))).toEqual([
    'walk.ts:7: size=10 B, count=1, average=10 B',
    'walk.ts:2: size=10 B, count=1, average=10 B',
    'main.ts:1: size=10 B, count=1, average=10 B',
  ])
  expect(snapshot.statistics('filename', { cumulative: true }).map(({ size }) => size)).toEqual([10, 10])
})

test('by function: its name and file', () => {
  const snapshot = snapshotOf([
    [10, 1, 'set@cache.ts:2 main@main.ts:4'],
    [20, 1, 'set@cache.ts:3 main@main.ts:4'],
    [5, 1, 'set@other.ts:3'],
  ])
  expect(texts(snapshot.statistics('function'))).toEqual([
    'set (cache.ts): size=30 B, count=2, average=15 B',
    'set (other.ts): size=5 B, count=1, average=5 B',
  ])
  expect(snapshot.statistics('function', { cumulative: true }).map(({ size }) => size)).toEqual([30, 30, 5])
})

test('the newest frame is the one that lies in a file', () => {
  const snapshot = snapshotOf([[10, 1, 'push@ list.ts:2 forEach@ main.ts:1']])
  expect(texts(snapshot.statistics('lineno'))).toEqual(['list.ts:2: size=10 B, count=1, average=10 B'])
  expect(snapshot.statistics('lineno', { cumulative: true })).toHaveLength(2)
})

test('columns and functions make tracebacks of their own, and no lines', () => {
  const snapshot = snapshotOf([
    [1, 1, 'f@a.ts:1:1'],
    [2, 1, 'f@a.ts:1:9'],
    [4, 1, 'g@a.ts:1:9'],
  ])
  expect(snapshot.statistics('traceback').map(({ size }) => size)).toEqual([4, 2, 1])
  expect(snapshot.statistics('lineno').map(({ size }) => size)).toEqual([7])
  expect(snapshot.statistics('lineno')[0]?.traceback.frames).toEqual([frame('a.ts:1')])
})

test('statistic_format: what is estimated is rounded where it is printed, and nowhere else', () => {
  const [statistic] = snapshotOf([[10_500.7, 3.6, 'a.ts:1']]).statistics('lineno')
  expect(statistic).toMatchObject({ size: 10_500.7, count: 3.6 })
  expect(String(statistic)).toBe('a.ts:1: size=10.3 KiB, count=4, average=2917 B')
  const [large] = snapshotOf([[5 * 2 ** 40, 2 ** 20, 'a.ts:1']]).statistics('lineno')
  expect(String(large)).toBe('a.ts:1: size=5120 GiB, count=1048576, average=5120 KiB')
})

test('statistic_diff_format: an average only where something is left', () => {
  const [diff] = snapshotOf([]).compareTo(snapshotOf([[2_000_000, 4, 'a.ts:1']]), 'lineno')
  expect(String(diff)).toBe('a.ts:1: size=0 B (-1953 KiB), count=0 (-4)')
})

test('statistics say how sure they are', () => {
  // The example of reduce/trace-sum.ts has one size for each trace: 520, 810 and 8192.001 bytes at an interval of 512.
  const stack = (file: string) => ({
    index: 1,
    domain: 'heap' as const,
    frames: [frame(file)],
    truncated: false,
  })
  const snapshot = new Snapshot({
    traces: [
      { trace: stack('a.ts:1'), bytes: 520.04, allocations: 32.5, samples: 1 },
      { trace: stack('a.ts:2'), bytes: 809.98, allocations: 1.582, samples: 1 },
      { trace: stack('a.ts:3'), bytes: 8192.001, allocations: 1.0000001, samples: 1 },
    ],
    time: 0,
    sampling: { interval: 512 },
    tracebackLimit: 128,
  })
  const [file] = snapshot.statistics('filename')
  expect(file).toMatchObject({ samples: 3 })
  expect(file?.error).toBeCloseTo(Math.sqrt(520.04 ** 2 * 0.9692 + 809.98 ** 2 * 0.3679) / 9522, 4)
  const lines = snapshot.statistics('lineno')
  expect(lines.map(({ error }) => Math.round(error * 100))).toEqual([0, 61, 98])
})

test('differences tell how many samples have come or gone', () => {
  const [grown, gone] = NEW.compareTo(OLD, 'lineno').filter(({ samplesDiff }) => samplesDiff !== 0)
  expect(grown).toMatchObject({ samples: 2, samplesDiff: 1 })
  const vanished = NEW.compareTo(OLD, 'lineno').find(({ sizeDiff }) => sizeDiff === -66)
  expect(vanished).toMatchObject({ samples: 0, samplesDiff: -1, error: 0 })
  expect(gone).toBeDefined()
})

test('of equals the one whose traceback comes last is first', () => {
  const snapshot = snapshotOf([
    [10, 1, 'a.ts:1'],
    [10, 1, 'b.ts:1'],
    [10, 2, 'a.ts:9'],
    [11, 1, 'a.ts:3'],
  ])
  expect(snapshot.statistics('lineno').map(({ traceback }) => String(traceback))).toEqual([
    'a.ts:3',
    'a.ts:9',
    'b.ts:1',
    'a.ts:1',
  ])
})

test('nothing live gives nothing', () => {
  for (const key of ['traceback', 'filename', 'lineno', 'function'] as const) {
    expect(snapshotOf([]).statistics(key)).toEqual([])
    expect(snapshotOf([]).compareTo(snapshotOf([]), key)).toEqual([])
  }
})

test.each(['line', '', undefined, null, 'toString', '__proto__'])('the key %s is refused', (key) => {
  for (const call of [
    () => OLD.statistics(key as StatisticKey),
    () => OLD.compareTo(NEW, key as StatisticKey),
  ]) {
    expect(call).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringContaining(
          "key must be 'traceback', 'filename', 'lineno' or 'function', received",
        ),
      }),
    )
  }
})

test('cumulative with traceback is refused, and so are other options and no snapshot', () => {
  expect(() => OLD.statistics('traceback', { cumulative: true })).toThrow('cumulative counts the frames')
  expect(() => OLD.compareTo(NEW, 'traceback', { cumulative: true })).toThrow('compareTo: cumulative counts')
  expect(() => OLD.statistics('lineno', { cumulativ: true } as object)).toThrow('did you mean "cumulative"?')
  expect(() => OLD.compareTo(undefined as unknown as Snapshot, 'lineno')).toThrow(
    'compareTo: expected a Snapshot, received undefined',
  )
})

test('a name such as __proto__ harms nothing', () => {
  const snapshot = snapshotOf([
    [1, 1, '__proto__@__proto__:1'],
    [2, 1, 'constructor@constructor:1'],
  ])
  expect(texts(snapshot.statistics('filename'))).toEqual([
    'constructor:0: size=2 B, count=1, average=2 B',
    '__proto__:0: size=1 B, count=1, average=1 B',
  ])
})

const KEYS: StatisticKey[] = ['traceback', 'filename', 'lineno', 'function']

test('no byte, allocation or sample is lost or counted twice', () => {
  fc.assert(
    fc.property(snapshots, fc.constantFrom(...KEYS), (snapshot, key) => {
      const statistics = snapshot.statistics(key)
      const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0)
      const { traces, total } = snapshot
      expect(sum(statistics.map(({ size }) => size))).toBe(total)
      expect(sum(statistics.map(({ count }) => count))).toBeCloseTo(
        sum(traces.map((one) => one.allocations)),
        3,
      )
      expect(sum(statistics.map((one) => one.samples))).toBe(sum(traces.map((one) => one.samples)))
      const sizes = statistics.map(({ size }) => size)
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    }),
  )
})

test('cumulative is what the traces through a place have, each once', () => {
  fc.assert(
    fc.property(snapshots, fc.constantFrom('filename' as const, 'lineno' as const), (snapshot, key) => {
      for (const { traceback, size } of snapshot.statistics(key, { cumulative: true })) {
        const own = traceback.at(0)
        const through = snapshot.traces.filter((entry) =>
          entry.traceback.frames.some(
            ({ file, line }) => file === own?.file && (key === 'filename' || line === own.line),
          ),
        )
        expect(size).toBe(through.reduce((sum, { bytes }) => sum + bytes, 0))
      }
    }),
  )
})

test('comparing the other way round gives the negative, and with itself nothing', () => {
  fc.assert(
    fc.property(snapshots, snapshots, fc.constantFrom(...KEYS), (one, other, key) => {
      const there = one.compareTo(other, key)
      const back = other.compareTo(one, key)
      expect(there).toHaveLength(back.length)
      const byName = new Map(back.map((diff) => [JSON.stringify(diff.traceback.frames), diff]))
      for (const { traceback, size, sizeDiff, countDiff, samplesDiff } of there) {
        const opposite = byName.get(JSON.stringify(traceback.frames))
        expect(opposite).toBeDefined()
        expect(sizeDiff + (opposite?.sizeDiff as number)).toBe(0)
        expect(countDiff + (opposite?.countDiff as number)).toBe(0)
        expect(samplesDiff + (opposite?.samplesDiff as number)).toBe(0)
        expect(size - sizeDiff).toBe(opposite?.size)
      }
      for (const diff of one.compareTo(one, key)) expect(diff.sizeDiff).toBe(0)
    }),
  )
})

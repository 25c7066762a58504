import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { poissonScale, tableScale } from '../../../src/core/format/sampling.js'
import { read } from '../../../src/core/reader.js'
import { type SiteSummary, type SitesOptions, sites } from '../../../src/core/reduce/sites.js'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

function sitesOf(log: LogBuilder, options?: SitesOptions) {
  const reader = read(log.write(folder.base('log')))
  try {
    return sites(reader, options)
  } finally {
    reader.close()
  }
}

/** A log that records every object, so that numbers are easy to follow. */
function exactLog(): LogBuilder {
  const log = new LogBuilder()
  log.events.sampling(0, 'heap', 0)
  return log
}

const names = (list: readonly { function: string; self: number; total: number }[]) =>
  list.map(({ function: name, self, total }) => [name, self, total])

test('self is at the leaf, total goes up the stack', () => {
  const log = exactLog()
  const deep = log.trace([
    { function: 'inner', line: 5 },
    { function: 'outer', line: 9 },
    { function: 'main', line: 1 },
  ])
  const flat = log.trace([
    { function: 'outer', line: 9 },
    { function: 'main', line: 1 },
  ])
  log.events.alloc(1, deep, 100).alloc(2, flat, 40).alloc(3, deep, 60)
  const { sites: list, self, samples, error } = sitesOf(log)
  expect(names(list)).toEqual([
    ['inner', 160, 160],
    ['outer', 40, 200],
  ])
  expect([self, samples, error]).toEqual([200, 3, 0])
})

test("what heapproof allocates for itself is nobody's", () => {
  const log = exactLog()
  const own = log.trace([
    { function: 'push', url: 'node:internal/timers' },
    { function: 'start', url: '/app/node_modules/heapproof/dist/index.js' },
    { function: 'main' },
  ])
  const called = log.trace([
    { function: 'fn', line: 3 },
    { function: 'measure', url: '/app/node_modules/heapproof/dist/index.js' },
    { function: 'main' },
  ])
  log.events.alloc(1, own, 1000).alloc(2, called, 40)
  expect(names(sitesOf(log).sites)).toEqual([['fn', 40, 40]])
})

test('the site is the first frame of the user, past Node and runners', () => {
  const log = exactLog()
  const push = (urls: string[]) => {
    const trace = log.trace(urls.map((url, index) => ({ function: `f${index}`, url })))
    log.events.alloc(log.events.time, trace, 8)
  }
  push([
    'node:fs',
    '/app/node_modules/vitest/dist/a.js',
    '/app/node_modules/@vitest/runner/dist/index.js',
    '',
    '/app/a.js',
  ])
  push(['node:internal/modules/esm/loader', '/app/node_modules/left-pad/index.js', '/app/a.js'])
  push(['node:fs', 'node:internal/main'])
  push([''])
  expect(sitesOf(log).sites.map(({ function: name, file }) => [name, file])).toEqual([
    ['f0', ''],
    ['f4', '/app/a.js'],
    ['f1', '/app/node_modules/left-pad/index.js'],
    ['f0', 'node:fs'],
  ])
})

test('exclude charges the caller, and is asked once per frame', () => {
  const log = exactLog()
  const trace = log.trace([{ function: 'helper' }, { function: 'caller', line: 2 }])
  log.events.alloc(1, trace, 8).alloc(2, trace, 8)
  const asked: string[] = []
  const exclude = ({ function: name }: { function: string }): boolean => {
    asked.push(name)
    return name === 'helper'
  }
  expect(names(sitesOf(log, { exclude }).sites)).toEqual([['caller', 16, 16]])
  expect(asked).toEqual(['helper', 'caller'])
  expect(names(sitesOf(log, { exclude: () => true }).sites)).toEqual([['helper', 16, 16]])
})

test('a recursive trace counts once', () => {
  const log = exactLog()
  const trace = log.trace([{ line: 2 }, { line: 3 }, { line: 3 }, { line: 2 }, { line: 3 }])
  log.events.alloc(1, trace, 8)
  expect(names(sitesOf(log).sites)).toEqual([['f', 8, 8]])
})

test('columns of a line are one site, with the column most bytes came from', () => {
  const log = exactLog()
  const at = (column: number) => log.trace([{ line: 4, column }])
  log.events.alloc(1, at(3), 10).alloc(2, at(9), 30).alloc(3, at(5), 30).alloc(4, at(3), 10)
  const { sites: list } = sitesOf(log)
  expect(list).toMatchObject([{ line: 4, column: 5, self: 80, samples: 4, allocations: 4 }])
})

test('domains are apart, also where a trace has no stack', () => {
  const log = exactLog()
  const frames = [{ line: 4 }]
  log.events.alloc(1, log.trace(frames), 10).alloc(2, log.trace(frames, 'arrayBuffer'), 30)
  log.events.alloc(3, log.trace([], 'native'), 7)
  expect(
    sitesOf(log).sites.map(({ function: name, domain, self, total }) => [name, domain, self, total]),
  ).toEqual([
    ['f', 'arrayBuffer', 30, 30],
    ['f', 'heap', 10, 10],
    ['(unknown)', 'native', 7, 7],
  ])
})

test('sites with the same bytes are in the order of file, line, function', () => {
  const log = exactLog()
  const frames = [
    { url: '/b.js', line: 1, function: 'a' },
    { url: '/a.js', line: 10, function: 'a' },
    { url: '/a.js', line: 9, function: 'b' },
    { url: '/a.js', line: 9, function: 'a' },
  ]
  for (const frame of frames) log.events.alloc(1, log.trace([frame]), 8)
  const order = sitesOf(log).sites.map(({ file, line, function: name }) => `${file}:${line} ${name}`)
  expect(order).toEqual(['/a.js:9 a', '/a.js:9 b', '/a.js:10 a', '/b.js:1 a'])
})

test('weights: three objects at an interval of 512 bytes', () => {
  const log = new LogBuilder()
  const trace = log.trace([{}])
  log.events.sampling(0, 'heap', 512).alloc(1, trace, 16).alloc(2, trace, 512).alloc(3, trace, 8192)
  log.events.free(4, trace, 512, 2)
  const [site] = sitesOf(log).sites
  expect(site?.self).toBeCloseTo(520.04 + 809.97 + 8192, 1)
  expect(site?.live).toBeCloseTo(520.04 + 8192, 1)
  expect(site?.allocations).toBeCloseTo(32.5026 + 1.58198 + 1, 3)
  expect(site?.error).toBeCloseTo(Math.sqrt(520.04 ** 2 * 0.96923 + 809.97 ** 2 * 0.36788) / 9522.01, 5)
})

test('a tiny object under a great interval weighs the interval', () => {
  expect((16 * poissonScale(16, 2 ** 50)) / 2 ** 50).toBeCloseTo(1, 12)
  expect((16 * poissonScale(16, 1e300)) / 1e300).toBeCloseTo(1, 12)
  expect(poissonScale(2 ** 40, 512)).toBe(1)
})

test('what is freed is not live, to the last digit', () => {
  const object = fc.record({ size: fc.integer({ min: 1, max: 2 ** 40 }), order: fc.double({ noNaN: true }) })
  fc.assert(
    fc.property(fc.array(object, { minLength: 1, maxLength: 30 }), (objects) => {
      const log = new LogBuilder()
      const trace = log.trace([{}])
      log.events.sampling(0, 'heap', 524288)
      for (const { size } of objects) log.events.alloc(1, trace, size)
      for (const { size } of [...objects].sort((a, b) => a.order - b.order))
        log.events.free(2, trace, size, 1)
      expect(sitesOf(log).sites[0]?.live).toBe(0)
    }),
    { numRuns: 50 },
  )
})

test('the estimate is right on average, and as far off as its error says', () => {
  // 2000 recordings of the same 400 objects of 64 bytes, with a random generator that is the same on every run.
  const [size, interval, objects, recordings] = [64, 512, 400, 2000]
  const scale = poissonScale(size, interval)
  let state = 12345
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const truth = size * objects
  let [sum, squares, errors] = [0, 0, 0]
  for (let recording = 0; recording < recordings; recording++) {
    let samples = 0
    for (let object = 0; object < objects; object++) if (random() < 1 / scale) samples++
    const log = new LogBuilder()
    const estimate = samples * size * scale
    sum += estimate
    squares += (estimate - truth) ** 2
    if (recording >= 5) continue
    const trace = log.trace([{}])
    log.events.sampling(0, 'heap', interval)
    for (let sample = 0; sample < samples; sample++) log.events.alloc(1, trace, size)
    const summary = sitesOf(log)
    expect(summary.self).toBeCloseTo(estimate, 6)
    errors += (summary.error * summary.self) / 5
  }
  expect(Math.abs(sum / recordings / truth - 1)).toBeLessThan(0.01)
  expect(Math.abs(errors / Math.sqrt(squares / recordings) - 1)).toBeLessThan(0.15)
})

test('weights and error under a table: three objects', () => {
  // p is 0.01, 0.1 and 1: the variance is the sum of bytes^2 (1 - p) / p^2.
  const log = new LogBuilder()
  const trace = log.trace([{}])
  log.events.samplingTable(0, 'arrayBuffer', [[64, 0.01], [1024, 0.1]]) // biome-ignore format: a table
  const buffer = log.trace([{}], 'arrayBuffer')
  log.events.alloc(1, buffer, 48).alloc(2, buffer, 500).alloc(3, buffer, 4096).alloc(4, trace, 10)
  log.events.free(5, buffer, 500, 3)
  const [site] = sitesOf(log).sites
  expect(site).toMatchObject({ self: 4800 + 5000 + 4096, live: 4800 + 4096, allocations: 111, samples: 3 })
  const variance = (48 ** 2 * 0.99) / 0.01 ** 2 + (500 ** 2 * 0.9) / 0.1 ** 2
  expect(site?.error).toBeCloseTo(Math.sqrt(variance) / 13_896, 12)
})

test('under a table too the estimate is right on average, and as far off as its error says', () => {
  // 2000 recordings of 3000 objects of 48 bytes, 300 of 500 and 3 of 5000, chosen as V8 and a table would.
  const table: [number, number][] = [
    [64, 0.02],
    [1024, 0.2],
  ]
  const sizes = [...Array(3000).fill(48), ...Array(300).fill(500), ...Array(3).fill(5000)] as number[]
  const rule = { rule: 1, interval: 0, table, draw: 1185 }
  const truth = sizes.reduce((sum, size) => sum + size, 0)
  let state = 4711
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  let [sum, squares, errors] = [0, 0, 0]
  for (let recording = 0; recording < 2000; recording++) {
    const taken = sizes.filter((size) => random() < 1 / tableScale(size, rule))
    const estimate = taken.reduce((bytes, size) => bytes + size * tableScale(size, rule), 0)
    sum += estimate
    squares += (estimate - truth) ** 2
    if (recording >= 20) continue
    const log = new LogBuilder()
    const trace = log.trace([{}])
    log.events.samplingTable(0, 'heap', table, 1185)
    for (const size of taken) log.events.alloc(1, trace, size)
    const summary = sitesOf(log)
    expect(summary.self).toBeCloseTo(estimate, 6)
    errors += (summary.error * summary.self) / 20
  }
  expect(Math.abs(sum / 2000 / truth - 1)).toBeLessThan(0.01)
  expect(Math.abs(errors / Math.sqrt(squares / 2000) - 1)).toBeLessThan(0.1)
})

test('counters scale what an interval estimates, and leave alone what a table does', () => {
  const none = { collections: 0, majorCollections: 0, arrayBufferCalls: 0, arrayBufferFreedBytes: 0 }
  const rest = {
    ...none,
    arrayBufferFrees: 0,
    nativeBytes: 0,
    nativeCalls: 0,
    nativeFrees: 0,
    unseenCollections: 0,
  }
  const log = new LogBuilder()
  const [heap, buffer] = [log.trace([{}]), log.trace([{}], 'arrayBuffer')]
  log.events.sampling(0, 'heap', 512).samplingTable(0, 'arrayBuffer', [[4096, 0.1]])
  for (let sample = 0; sample < 200; sample++) log.events.alloc(1, heap, 512).alloc(1, buffer, 500)
  log.events.counters(2, { ...rest, heapBytes: 200_000, arrayBufferBytes: 1_100_000 })
  const selves = sitesOf(log).sites.map(({ domain, self }) => [domain, self])
  expect(selves).toEqual([
    ['arrayBuffer', 1_000_000],
    ['heap', expect.closeTo(200_000, 6)],
  ])
})

test('the sites of a snapshot are what is live, with the error of samples of one size', () => {
  const log = new LogBuilder()
  const [one, two] = [log.trace([{ line: 3 }]), log.trace([{ line: 4 }, { line: 9 }])]
  log.events.sampling(0, 'heap', 512)
  for (let sample = 0; sample < 50; sample++) log.events.alloc(1, one, 64).alloc(1, two, 2048)
  const reader = read(log.write(folder.base('snapshot')))
  const recorded = sites(reader)
  const entry = (index: number, size: number) => {
    const allocations = 50 * poissonScale(size, 512)
    return { trace: reader.trace(index), bytes: size * allocations, allocations, samples: 50 }
  }
  const snapshot = new Snapshot({
    traces: [entry(one, 64), entry(two, 2048)],
    time: 1,
    sampling: { interval: 512 },
    tracebackLimit: 128,
  })
  const live = sites(snapshot)
  expect(live.self).toBeCloseTo(snapshot.total, 6)
  expect(live.error).toBeCloseTo(recorded.error, 9)
  const rounded = ({ sites: list }: SiteSummary) =>
    list.map((site) =>
      [site.line, site.self, site.total, site.live, site.allocations, site.error].map(digits),
    )
  expect(rounded(live)).toEqual(rounded(recorded))
  reader.close()
})

function digits(value: number): number {
  return Number(value.toPrecision(9))
}

test('what an add-on allocates is charged to the line that called it; where nobody did, to the add-on', () => {
  const log = new LogBuilder()
  log.events.sampling(0, 'native', 0)
  const addOn = { function: '(native)', line: 0, url: '/app/node_modules/zip/build/Release/zip.node' }
  const called = log.trace([addOn, { function: 'pack', line: 5 }, { function: 'main', line: 1 }], 'native')
  const onThread = log.trace([addOn], 'native')
  log.events.alloc(0, called, 1000).alloc(0, onThread, 10)
  expect(names(sitesOf(log).sites)).toEqual([
    ['pack', 1000, 1000],
    ['(native)', 10, 10],
  ])
})

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { getTracedMemory, isTracing } from '../../../src/core/live/memory.js'
import { takeSnapshot } from '../../../src/core/live/take-snapshot.js'
import { isProfiling } from '../../../src/core/session/is-profiling.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { gatherStats, type StatsOptions } from '../../../src/core/stats/gather-stats.js'
import { allocatingAddon } from '../../native/build-fixture.js'
import { type Finished, folderWith, LIBRARY, node } from '../../support/command-line.js'

const library = JSON.stringify(LIBRARY)

afterEach(() => {
  const silenced = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  stop()
  silenced.mockRestore()
})

/** The rows of a printed summary: cells by the text before them. */
function rowsOf(text: string): Record<string, number[]> {
  const rows = text.split('\n').flatMap((line) => {
    const [, size, cells] = /^ *(\d+ - \d+|all) +([\d ]+)$/.exec(line) ?? []
    return size === undefined ? [] : [[size, (cells as string).trim().split(/ +/).map(Number)]]
  })
  return Object.fromEntries(rows)
}

function run(program: string, args: readonly string[] = []): Finished {
  return node([...args, 'main.js'], {
    cwd: folderWith({
      'main.js': `const { gatherStats, stop, isProfiling } = require(${library})\n${program}`,
    }),
  })
}

/** 100,000 objects of three numbers and 100 buffers. */
const ALLOCATE = `
  const kept = []
  for (let i = 0; i < 100_000; i++) kept.push({ i, j: i, k: i })
  for (let i = 0; i < 100; i++) kept.push(new ArrayBuffer(3000))`

/**
 * An object is 48 bytes, and 16 more for V8's notes on where it was made as long as the loop is not optimised. When that is
 * depends on what else the machine does, so here it never is.
 */
const NEVER_OPTIMISED = ['--no-opt', '--no-maglev']

test('prints the sizes of what was allocated, and only between start and stop', () => {
  const { code, stdout, stderr } = run(
    `
    new ArrayBuffer(50_000_000)
    gatherStats({ domains: ['heap', 'arrayBuffer'] })
    ${ALLOCATE}
    console.log(isProfiling())
    stop()
    new ArrayBuffer(60_000_000)
    console.log(isProfiling())
    stop()`,
    NEVER_OPTIMISED,
  )
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'true\nfalse\n' })
  expect(stderr.startsWith('-------------------------------------------\nHEAP USAGE SUMMARY\n')).toBe(true)
  expect(stderr.match(/HEAP USAGE SUMMARY/g)?.length).toBe(1)
  const rows = rowsOf(stderr)
  // Of four numbers: the two of the array buffers come first where the heap has nothing of that size.
  const buffers = rows['2049 - 4096'] as number[]
  expect(buffers).toEqual(expect.arrayContaining([100, 300_000]))
  const objects = rows['33 - 64'] as number[]
  expect(Math.abs((objects[0] as number) / 100_000 - 1)).toBeLessThan(0.1)
  expect(Math.abs((objects[1] as number) / (objects[0] as number) - 64)).toBeLessThan(3)
  expect(rows['33554433 - 67108864']).toBeUndefined()
  expect(stderr).toContain('array buffers: exact, every call\n')
  expect(stderr).toMatch(
    /^heap: estimated from [\d,]+ objects, drawn every 512 bytes on average, ±[\d.]+ %, scaled/m,
  )
})

test('at an interval of 1 every object is counted', () => {
  const { stderr } = run(`gatherStats({ samplingInterval: 1, domains: ['heap'] })\n${ALLOCATE}\nstop()`)
  const [count] = rowsOf(stderr)['33 - 64'] as [number]
  expect(Math.abs(count / 100_000 - 1)).toBeLessThan(0.02)
  expect(stderr).toMatch(/^heap: every object that V8 told of, [\d,]+$/m)
})

test.each([
  ['by itself', '', 0],
  ['by process.exit()', 'process.exit(3)', 3],
  ['by an error', 'throw new Error("mine")', 1],
])('a process that ends %s prints as well, and leaves no file', (_, end, code) => {
  const cwd = folderWith({ 'main.js': `require(${library}).gatherStats()\n${ALLOCATE}\n${end}` })
  const finished = node(['main.js'], { cwd })
  expect(finished.code).toBe(code)
  expect(rowsOf(finished.stderr)['2049 - 4096']).toEqual(expect.arrayContaining([100, 300_000]))
  expect(readdirSync(cwd)).toEqual(['main.js'])
})

test('without options everything is counted that can be counted here', () => {
  const { stderr } = run(`gatherStats()\n${ALLOCATE}`)
  expect(stderr).toMatch(/^array buffers and native: exact, every call$|^native: not counted: /m)
})

test.runIf(process.platform === 'linux')(
  'native memory is counted, of all threads, and beside the others',
  () => {
    const { addon } = allocatingAddon()
    const { code, stderr } = run(`
    const { allocate, allocateOnThreads, ways } = require(${JSON.stringify(addon)})
    const malloc = ways.indexOf('malloc')
    allocate(malloc, 100, 5)
    gatherStats({ domains: ['arrayBuffer', 'native'] })
    allocate(malloc, 100, 1000)
    allocateOnThreads(3, malloc, 5000, 100)
    const kept = Array.from({ length: 50 }, () => new ArrayBuffer(5000))
    stop()
    allocate(malloc, 100, 5)`)
    expect(code).toBe(0)
    const rows = rowsOf(stderr)
    // Of six numbers those of the array buffers come first, then those of native memory, then both together.
    expect(rows['65 - 128']).toEqual([1000, 100_000, 1000, 100_000])
    expect(rows['4097 - 8192']).toEqual([50, 250_000, 300, 1_500_000, 350, 1_750_000])
    expect(stderr).toContain('array buffers and native: exact, every call\n')
  },
)

test('workers count for themselves, and are told apart', () => {
  const { code, stderr } = run(`
    const { Worker, isMainThread } = require('node:worker_threads')
    gatherStats({ domains: ['arrayBuffer'] })
    const kept = new ArrayBuffer(isMainThread ? 3_000_000 : 500_000)
    if (isMainThread) new Worker(__filename)`)
  expect(code).toBe(0)
  const [, first = '', second = ''] = stderr.split('-'.repeat(43))
  const [worker, main] = first.includes('of worker') ? [first, second] : [second, first]
  expect(worker).toMatch(/^\nHEAP USAGE SUMMARY of worker 1\n/)
  expect(main).toMatch(/^\nHEAP USAGE SUMMARY\n/)
  expect(rowsOf(worker)['262145 - 524288']).toEqual([1, 500_000])
  expect(rowsOf(main)['2097153 - 4194304']).toEqual([1, 3_000_000])
  expect(rowsOf(main)['262145 - 524288']).toBeUndefined()
})

test('an empty run has no rows', () => {
  const { stderr } = run(`gatherStats({ domains: ['arrayBuffer'] })\nstop()`)
  expect(stderr).toBe(`-------------------------------------------
HEAP USAGE SUMMARY
Size   Count   Bytes
(nothing was allocated)

array buffers: exact, every call
nothing seen of: array buffers
`)
})

test('gathering and recording exclude each other; neither harms the other', () => {
  const base = join(folderWith(), 'run')
  gatherStats({ domains: ['heap'] })
  const message = 'a count of sizes, by gatherStats(), is under way: stop() it before the next '
  for (const again of [() => start(base), () => start()]) {
    expect(again).toThrow(
      expect.objectContaining({ code: 'already-profiling', message: `${message}start()` }),
    )
  }
  expect(() => gatherStats()).toThrow(`${message}gatherStats()`)
  expect([isProfiling(), isTracing(), existsSync(`${base}.hpm`)]).toEqual([true, false, false])
  expect(getTracedMemory()).toEqual({ current: 0, peak: 0 })
  expect(() => takeSnapshot()).toThrow(expect.objectContaining({ code: 'not-profiling' }))
  stopSilently()
  start(base)
  expect(() => gatherStats()).toThrow(
    expect.objectContaining({
      code: 'already-profiling',
      message: `a recording is under way into ${base}: stop() it before the next gatherStats()`,
    }),
  )
  stop()
  expect(isProfiling()).toBe(false)
})

function stopSilently(): void {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  stop()
  expect(written).toHaveBeenCalledTimes(1)
  written.mockRestore()
}

test.each([
  [null, 'gatherStats: expected an object with options, received null'],
  [
    { samplingInterval: 0 },
    'gatherStats: samplingInterval must be a whole number from 1 to 1073741824, received 0',
  ],
  [
    { domains: [] },
    "gatherStats: domains must be a list of 'heap', 'arrayBuffer' and 'native', each at most once, received []",
  ],
  [{ interval: 1 }, /^gatherStats: unknown option "interval"/],
] as [StatsOptions, string | RegExp][])('gatherStats(%j) is refused', (options, message) => {
  expect(() => gatherStats(options)).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    }),
  )
  expect(isProfiling()).toBe(false)
})

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { type Reader, read } from '../../src/core/reader.js'
import type { Counters } from '../../src/core/types.js'
import { allocatingAddon } from './build-fixture.js'

const fixture = join(dirname(fileURLToPath(import.meta.url)), 'fixtures/polled.mjs')
const entry = pathToFileURL(join(packageRoot(), 'dist/index.js')).href
const directory = mkdtempSync(join(tmpdir(), 'heapproof-polled-'))
afterAll(() => rmSync(directory, { recursive: true }))

let runs = 0
/** Runs one piece of work of the fixture in a process of its own; its recording is at `base`. */
async function run(work: string, parameters: object = {}, flags: string[] = [], env = process.env) {
  const base = join(directory, `${work}-${runs++}`)
  const argv = [...flags, fixture, entry, base, work, JSON.stringify(parameters)]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, { env })
  return { base, stdout, stderr }
}

interface Sums {
  /** Scaled bytes of all allocations. */
  readonly bytes: number
  /** How many arrays there were of a size, in the forms that the fixture tells of, and how many were not freed. */
  allocations(size: number): number
  live(size: number): number
  /** Frees of a size and trace of which nothing was alive. */
  readonly unmatched: number
}

function sumsOf(reader: Reader): Sums {
  const allocated = new Map<number, number>()
  const live = new Map<number, number>()
  const alive = new Map<string, number>()
  const add = <K>(map: Map<K, number>, key: K, n: number) => map.set(key, (map.get(key) ?? 0) + n)
  const arrays = (map: Map<number, number>) => (size: number) =>
    [size, size - 32, size + 16].reduce((count, form) => count + (map.get(form) ?? 0), 0)
  let bytes = 0
  let unmatched = 0
  for (const event of reader.events()) {
    if (event.kind !== 'alloc' && event.kind !== 'free') continue
    const key = `${event.trace} ${event.size}`
    const change = event.kind === 'alloc' ? 1 : -1
    if (change === 1) {
      bytes += event.size * event.scale
      add(allocated, event.size, 1)
    } else if ((alive.get(key) ?? 0) === 0) unmatched++
    add(alive, key, change)
    add(live, event.size, change)
  }
  return { bytes, allocations: arrays(allocated), live: arrays(live), unmatched }
}

async function sumsOfRun(work: string, parameters: object = {}, flags: string[] = []) {
  const { base, stdout } = await run(work, parameters, flags)
  using reader = read(base)
  expect(reader.header).toMatchObject({ source: 'polled', sourceReason: 'it was asked for' })
  expect(reader.end).toBe('')
  expect(reader.truncated).toBe(0)
  const { heapBytes, unseenCollections: unseen } = reader.counters as Counters
  return { ...sumsOf(reader), unseen, heapBytes, stdout }
}

const SIZES = [16, 64, 1024, 16_384, 131_072, 1_048_576]
/**
 * The share by which the counter may be above the sum of all objects: V8 has pages of 256 KiB for objects up to half as
 * large, and what is left of one, too little for one more object, counts as used in its statistics. For objects of
 * nearly half a page that is as much again, so they say nothing about the counter.
 */
const pageTails = (size: number) => (size === 131_072 ? 2 : size > 131_072 ? 0 : size / (262_144 - size))

describe.each([1024, 16_384, 131_072])('at an interval of %i bytes the samples add up', (interval) => {
  test.each(SIZES)('objects of %i bytes', async (size) => {
    const count = Math.ceil((1500 * Math.max(interval, 8192)) / size)
    let sums = await sumsOfRun('objects', { interval, size, count })
    // On a busy machine looking takes longer than it may, and the counters say that some collections were not looked at.
    for (let again = 0; again < 3 && sums.unseen > 0; again++) {
      sums = await sumsOfRun('objects', { interval, size, count })
    }
    const { bytes, heapBytes, unmatched } = sums
    const p = 1 - Math.exp(-size / interval)
    // Six standard errors of the sum, and what counters and V8's compiler are uncertain about.
    const sigma = size * Math.sqrt((count * (1 - p)) / p)
    const tolerance = 6 * sigma + 0.02 * size * count + 300_000
    expect(bytes).toBeGreaterThan(size * count - tolerance)
    expect(bytes).toBeLessThan((size + 16) * count + tolerance)
    expect(heapBytes).toBeGreaterThan(bytes - tolerance)
    expect(heapBytes).toBeLessThan(bytes * (1 + pageTails(size)) + tolerance)
    expect(unmatched).toBe(0)
  })
})

test.runIf(process.platform === 'linux')(
  'where V8 cannot be watched it is asked, and that is said with the reason',
  async () => {
    const env = { ...process.env, LD_PRELOAD: allocatingAddon().denying }
    const why = 'the import table cannot be written'
    const { base } = await run(
      'objects',
      { interval: 1024, size: 1024, count: 5000, source: 'auto' },
      [],
      env,
    )
    using reader = read(base)
    expect(reader.header).toMatchObject({ source: 'polled', sourceReason: why })
    expect(reader.end).toBe('')
    const { bytes, unmatched } = sumsOf(reader)
    expect(bytes).toBeGreaterThan(4e6)
    expect(unmatched).toBe(0)
    const asked = await run(
      'objects',
      { interval: 1024, size: 16, count: 1, source: 'direct' },
      [],
      env,
    ).catch(({ stderr }) => stderr as string)
    expect(asked).toContain(`cannot start the sampler: ${why}`)
    const { stderr } = await run('stats', { size: 1536, count: 5000 }, [], env)
    expect(stderr).toMatch(/^ *1025 - 2048 +[45]\d{3} +[78]\d{6}$/m)
  },
)

test.each(SIZES)('at an interval of 1 there is every object of %i bytes', async (size) => {
  const count = Math.max(20, Math.ceil(2e6 / size))
  const { bytes, heapBytes, unmatched } = await sumsOfRun('objects', { interval: 1, size, count })
  expect(bytes).toBeGreaterThanOrEqual(size * count)
  // start() and stop() have their part in it.
  expect(bytes).toBeLessThan((size + 16) * count + 120_000)
  expect(heapBytes).toBeGreaterThan(bytes * 0.98 - 50_000)
  expect(heapBytes).toBeLessThan(bytes * (1.02 + pageTails(size)) + 50_000)
  expect(unmatched).toBe(0)
})

test('what lives is what was kept', async () => {
  const { allocations, live, unmatched } = await sumsOfRun('kept', {}, ['--expose-gc'])
  expect(allocations(10_048)).toBe(100)
  expect(live(10_048)).toBe(100)
  expect(allocations(5000)).toBe(5000)
  // What an abandoned stack slot or register still points to.
  expect(live(5000)).toBeLessThanOrEqual(3)
  expect(unmatched).toBe(0)
})

test('sites are functions, marked approximate', async () => {
  const { base } = await run('kept', {}, ['--expose-gc'])
  using reader = read(base)
  const event = Array.from(reader.events()).find((event) => event.kind === 'alloc' && event.size === 5016)
  const line =
    1 + readFileSync(fixture, 'utf8').split('\n').indexOf('function makeArrays(count, size, kept) {')
  const [leaf, caller] = reader.trace(event?.kind === 'alloc' ? event.trace : 0).frames
  expect(leaf).toEqual({ function: 'makeArrays', file: fixture, line, column: 20, approximate: true })
  expect(caller).toMatchObject({ function: 'kept', file: fixture, approximate: true })
})

test('a stack that is deeper than asked is cut', async () => {
  const { base } = await run('kept', { stackDepth: 1 }, ['--expose-gc'])
  using reader = read(base)
  for (let trace = 1; trace <= reader.traceCount; trace++) {
    expect(reader.trace(trace).frames.length).toBeLessThanOrEqual(1)
  }
  const traces = Array.from({ length: reader.traceCount }, (_, index) => reader.trace(index + 1))
  expect(traces.find(({ frames }) => frames[0]?.function === 'makeArrays')?.truncated).toBe(true)
})

test('worker threads, four at once', async () => {
  const { base } = await run('workers', { threads: 4 })
  for (let thread = 0; thread < 4; thread++) {
    using reader = read(`${base}.${thread}`)
    expect(reader.end).toBe('')
    const { allocations, unmatched } = sumsOf(reader)
    // The first one is an unlike one: V8 has not seen this line allocate yet.
    expect(allocations(848)).toBeGreaterThanOrEqual(5_000 - 1)
    expect(unmatched).toBe(0)
  }
})

test('a worker that ends without stop(), with limits', async () => {
  const { allocations, unmatched } = await sumsOfRun('forsaken')
  expect(allocations(848)).toBeGreaterThanOrEqual(20_000 - 1)
  expect(unmatched).toBe(0)
})

test("somebody else ends V8's profiler", async () => {
  const { base, stdout } = await run('ended')
  const reason = "somebody else ended V8's sampling heap profiler"
  expect(stdout).toBe(`sampler-failed the recording into BASE stopped early: ${reason}\n`)
  using reader = read(base)
  expect(reader.end).toBe(reason)
})

test('2,000 starts and stops keep nothing', async () => {
  const { stdout } = await run('cycles', { cycles: 2_000 })
  // Ten kilobytes kept by each start would be ten megabytes.
  expect(Number(stdout)).toBeLessThan(8e6)
})

test('started in a deep recursion, working where the stack ends', async () => {
  const { allocations, stdout, unmatched } = await sumsOfRun('deep')
  expect(Number(stdout)).toBeGreaterThan(1_000)
  // One call in 64 works, but for the last few, which have no room to.
  expect(allocations(848)).toBeGreaterThan((Number(stdout) / 64 - 4) * 100)
  expect(unmatched).toBe(0)
})

test('close to the limit of the heap', async () => {
  // The last flag: V8 gives up by itself when a heap this full takes most of the time to collect, as on a busy machine.
  const flags = [
    '--max-old-space-size=60',
    '--max-semi-space-size=1',
    '--no-detect-ineffective-gcs-near-heap-limit',
  ]
  const { stdout, unmatched } = await sumsOfRun('full', { interval: 512, megabytes: 52 }, flags)
  expect(Number(stdout)).toBeGreaterThan(50 * 2 ** 20)
  expect(unmatched).toBe(0)
})

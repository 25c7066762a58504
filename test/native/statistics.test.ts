// Are the numbers right? 200 recordings of the same program, whose allocations are known, give 200 estimates of its bytes
// and of their number. Their mean must be the truth, and their deviation not more than that of independent draws, of
// which an allocation of `size` bytes is one with probability p and then stands for 1 / p:
//
//     variance of the estimated number = sum of (1 - p) / p over all allocations; of the bytes, with size^2 before it
//
// How often these tests fail although nothing is wrong:
//   mean       The limit is LIMIT = 5.8 standard errors of the mean, which chance exceeds once in 150 million. Where the
//              program allocates enough for that to be 1 % or less, the limit is 1 %: the number, and in the domain
//              heap room for V8's own bias (it cuts each distance to a whole byte: at most 1 / interval too many samples).
//   deviation  200 runs tell a deviation to 5 %: to hold every program to 1.1 would fail one in forty. Each is held to
//              SPREAD (chi-square of 199 degrees, again 5.8), and all of a domain together to 1.1, which with 7 programs
//              or more is at least 5 standard deviations out.
// With fewer than 150 such checks the sum is below one in a million. It is not drawn again each time either: the seeds
// are fixed, and V8 draws the same with the same --random-seed.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { DOMAIN_BITS, SOURCE } from '../../src/core/addon.js'
import { packageRoot } from '../../src/core/package-root.js'
import { read } from '../../src/core/reader.js'
import type { Domain } from '../../src/core/types.js'
import { allocatingAddon } from './build-fixture.js'

const RUNS = 200
const LIMIT = 5.8
const SPREAD = Math.sqrt(chiSquare(RUNS - 1, LIMIT) / (RUNS - 1))
const KIB = 1024
const MIB = 1024 * KIB

interface Row {
  readonly rule: readonly number[]
  readonly sizes: readonly number[]
  /** Allocations of each size, in each run. */
  readonly perRun: number
}
interface Measured {
  readonly name: string
  /** Of the mean of all runs, relative to the truth: as it is, and as theory has its standard error. */
  readonly off: number
  readonly standardError: number
  /** Standard deviation of the runs, as a ratio to theory. */
  readonly spread: number
}

/** The chi-square that is z standard deviations of a normal distribution out (Wilson and Hilferty). */
function chiSquare(freedom: number, z: number): number {
  const part = 2 / (9 * freedom)
  return freedom * (1 - part + z * Math.sqrt(part)) ** 3
}

const interval = (bytes: number, size: number, perRun: number): Row => ({
  rule: [bytes],
  sizes: [size],
  perRun,
})
const table = (size: number, perRun: number): Row => ({
  rule: [0, 128, 0.01, 8192, 0.1],
  sizes: [size],
  perRun,
})

function probability({ rule: [interval = 0, ...ranges] }: Row, size: number): number {
  if (interval === 1) return 1
  if (interval > 1) return -Math.expm1(-size / interval)
  for (let at = 0; at < ranges.length; at += 2)
    if (size < (ranges[at] as number)) return ranges[at + 1] as number
  return 1
}

/** How many allocations of a run are expected to be drawn, or not to be: the less of the two. */
function leftToChance(row: Row, size: number): number {
  const p = probability(row, size)
  return row.perRun * Math.min(p, 1 - p)
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

interface Plan {
  readonly domain: Domain
  readonly source?: keyof typeof SOURCE
  readonly program: string
  readonly flags: readonly string[]
}

/** Records all rows in one process: what each of them gave, for bytes and for numbers. */
async function measure(rows: readonly Row[], plan: Plan): Promise<Measured[]> {
  const { domain, source = 'auto', program, flags } = plan
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-statistics-'))
  folders.push(folder)
  const asked = {
    domain: DOMAIN_BITS[domain],
    source: SOURCE[source],
    runs: RUNS,
    rows: rows.map((row) => ({ ...row, program })),
  }
  const binary = join(packageRoot(), 'build/Release/heapproof.node')
  const addon = domain === 'native' ? allocatingAddon().addon : ''
  const argv = [
    ...flags,
    join(packageRoot(), 'test/native/fixtures/statistics.cjs'),
    binary,
    folder,
    addon,
    JSON.stringify(asked),
  ]
  await promisify(execFile)(process.execPath, argv)
  return rows.flatMap((row, index) => evaluate(row, join(folder, `${index}`)))
}

function evaluate(row: Row, base: string): Measured[] {
  const estimates = Array.from({ length: RUNS }, (_, run) => estimate(`${base}-${run}`, row))
  const [interval, ...ranges] = row.rule
  const how = interval === 0 ? `table ${ranges.join(' ')}` : `interval ${interval}`
  return (['bytes', 'number'] as const).map((of) => {
    const weight = (size: number) => (of === 'bytes' ? size : 1)
    const truth = row.sizes.reduce((sum, size) => sum + row.perRun * weight(size), 0)
    const variance = row.sizes.reduce((sum, size) => {
      const p = probability(row, size)
      return sum + (row.perRun * weight(size) ** 2 * (1 - p)) / p
    }, 0)
    const values = estimates.map((each) => each[of])
    const mean = values.reduce((sum, value) => sum + value, 0) / RUNS
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (RUNS - 1)
    return {
      name: `${of} of ${row.sizes.join(' and ')} at ${how}`,
      off: mean / truth - 1,
      standardError: Math.sqrt(variance / RUNS) / truth,
      // Where a run leaves hardly anything to chance, one miss among all runs would be a deviation many times theory's.
      spread: row.sizes.some((size) => leftToChance(row, size) < 5)
        ? Number.NaN
        : Math.sqrt(squares / variance),
    }
  })
}

/** What one recording says of the allocations that have one of the row's sizes: all else is Node's. */
function estimate(base: string, row: Row): { bytes: number; number: number } {
  using reader = read(base)
  let [bytes, number] = [0, 0]
  for (const event of reader.events()) {
    if (event.kind !== 'alloc' || !row.sizes.includes(event.size)) continue
    bytes += event.size * event.scale
    number += event.scale
  }
  return { bytes, number }
}

/** All rows of a domain: their means and deviations one by one, and the deviations together. */
function check(measured: readonly Measured[]): void {
  const wrong = measured.filter(({ off, standardError, spread }) => {
    const limit = Math.max(0.01, LIMIT * standardError)
    return !(Math.abs(off) <= limit) || spread > SPREAD
  })
  expect(wrong).toEqual([])
  // The rows of one size say the same twice, of bytes and of numbers: once is enough here.
  const spreads = measured.filter((_, index) => index % 2 === 0).map(({ spread }) => spread)
  const squares = spreads.filter((spread) => !Number.isNaN(spread)).map((spread) => spread ** 2)
  expect(Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)).toBeLessThan(1.1)
}

/** V8's interpreter makes every object by itself; see below for code that is optimised. */
const PLAIN = ['--no-opt', '--no-maglev', '--random-seed=1']

describe.concurrent('estimates are unbiased, and spread no more than independent draws', () => {
  // At large intervals 1 % would take more bytes than V8's heap gives in a minute: there the limit is what it says, up to
  // 11 %. The draw is V8's, and ours is the weight, for which only size / interval counts.
  const heap = [
    interval(1, 16, 20),
    interval(1, 4 * KIB, 20),
    interval(512, 16, 60_000),
    interval(KIB, 104, 18_000),
    interval(512, 512, 1300),
    interval(16 * KIB, 256, 60_000),
    interval(16 * KIB, 4 * KIB, 6000),
    interval(128 * KIB, 4 * KIB, 2000),
    interval(128 * KIB, 64 * KIB, 60),
    interval(128 * KIB, MIB, 2),
    interval(MIB, MIB, 8),
    interval(MIB, 16 * MIB, 1),
    { rule: [4 * KIB], sizes: [16, 104, 512, 4 * KIB, 32 * KIB], perRun: 1500 },
    table(104, 20_000),
    table(KIB, 4000),
    table(16 * KIB, 50),
  ]
  test('heap, direct', { timeout: 300_000 }, async () => {
    check(await measure(heap, { domain: 'heap', source: 'direct', program: 'bigints', flags: PLAIN }))
  })
  test('heap, polled', { timeout: 300_000 }, async () => {
    check(await measure(heap, { domain: 'heap', source: 'polled', program: 'bigints', flags: PLAIN }))
  })

  test('array buffers', { timeout: 300_000 }, async () => {
    const rows = [
      interval(1, 16, 20),
      interval(512, 16, 10_000),
      interval(4 * KIB, 1000, 6000),
      interval(16 * KIB, 4 * KIB, 4000),
      interval(128 * KIB, 64 * KIB, 200),
      interval(128 * KIB, MIB, 2),
      interval(MIB, MIB, 30),
      interval(MIB, 16 * MIB, 1),
      { rule: [4 * KIB], sizes: [16, 100, 1000, 4 * KIB, 32 * KIB], perRun: 500 },
      table(64, 10_000),
      table(1000, 5000),
      table(16 * KIB, 20),
    ]
    check(await measure(rows, { domain: 'arrayBuffer', program: 'buffers', flags: PLAIN }))
  })

  test('native', { timeout: 300_000 }, async () => {
    const rows = [
      interval(1, 16, 20),
      interval(512, 16, 53_000),
      interval(16 * KIB, 16, 300_000),
      interval(16 * KIB, KIB, 26_000),
      interval(128 * KIB, 4 * KIB, 53_000),
      interval(MIB, 16 * KIB, 50_000),
      interval(MIB, MIB, 1000),
      interval(MIB, 16 * MIB, 1),
      { rule: [4 * KIB], sizes: [16, 100, 1000, 4 * KIB, 32 * KIB], perRun: 3000 },
      table(64, 166_000),
      table(1000, 15_000),
      table(16 * KIB, 100),
    ]
    check(await measure(rows, { domain: 'native', program: 'blocks', flags: PLAIN }))
  })
})

describe.concurrent('code that V8 has optimised', () => {
  const flags = ['--random-seed=1']

  test('a plain loop is estimated without bias', { timeout: 300_000 }, async () => {
    const row = { rule: [512], sizes: [48], perRun: 20_000 }
    const measured = await measure([row], { domain: 'heap', program: 'literals', flags })
    for (const { off } of measured) expect(Math.abs(off)).toBeLessThan(0.01)
  })

  // V8 takes one piece of memory for objects that are made together, and draws the piece: its bytes are right, but it is
  // one sample for two objects.
  test('objects made together are estimated in bytes without bias', { timeout: 300_000 }, async () => {
    const row = { rule: [512], sizes: [48, 96], perRun: 20_000 }
    const [bytes] = await measure([row], { domain: 'heap', program: 'pairs', flags })
    // Two objects of 48 bytes are 96; the row counts both of its sizes.
    expect(Math.abs((1 + (bytes?.off as number)) * (48 + 96) - 4 * 48)).toBeLessThan(0.01 * 192)
  })
})

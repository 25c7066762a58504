import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import type { StartOptions } from '../../../src/core/session/options.js'
import { DEFAULT_SAMPLING_PROBABILITY } from '../../../src/core/session/sampling-table.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { folderWith } from '../../support/command-line.js'

let kept: unknown[] = []

afterEach(() => {
  stop()
  kept = []
})

function record(options: StartOptions, work: () => void) {
  const base = join(folderWith(), 'run')
  start(base, options)
  work()
  stop()
  return read(base)
}

/** 3,000 buffers of 100 bytes, 300 of 1000 and 3 of 10,000. */
function keepBuffers(): void {
  for (let i = 0; i < 3000; i++) kept.push(new ArrayBuffer(100))
  for (let i = 0; i < 300; i++) kept.push(new ArrayBuffer(1000))
  for (let i = 0; i < 3; i++) kept.push(new ArrayBuffer(10_000))
}

test('a recording by a table says so, for each domain, and in its header', () => {
  using profile = record({ samplingProbability: DEFAULT_SAMPLING_PROBABILITY }, () => {})
  const table = [
    [128, 1e-4],
    [8192, 0.1],
  ]
  expect(profile.header).toMatchObject({ sampling: { table }, samplingInterval: 0 })
  expect(profile.samplingInterval).toBe(0)
  // On the heap V8 draws often enough for 0.1 at 128 bytes and 0.999 at 8,192.
  expect(profile.sampling).toEqual({
    heap: { rule: 1, interval: 0, table, draw: 1185 },
    arrayBuffer: { rule: 1, interval: 0, table, draw: 1 },
  })
})

test('by an interval, and without options', () => {
  using profile = record({ samplingInterval: 5000, domains: ['heap'] }, () => {})
  expect(profile.header?.sampling).toEqual({ interval: 5000 })
  expect(profile.sampling).toEqual({ heap: { rule: 0, interval: 5000, table: [], draw: 1 } })
  using other = record({}, () => {})
  expect(other.header?.sampling).toEqual({ interval: 131_072 })
})

test('each range of sizes has its probability, and above the last bound everything is there', () => {
  using profile = record(
    { samplingProbability: { 500: 0.1, 5000: 0.5 }, domains: ['arrayBuffer'], seed: 20 },
    keepBuffers,
  )
  const samples = new Map<number, number>()
  for (const event of profile.events()) {
    if (event.kind !== 'alloc') continue
    samples.set(event.size, (samples.get(event.size) ?? 0) + 1)
    const scale = { 100: 10, 1000: 2, 10000: 1 }[event.size]
    if (scale !== undefined) expect(event.scale).toBe(scale)
  }
  // Five standard deviations of 3000 trials at 0.1, and of 300 at 0.5.
  expect(Math.abs((samples.get(100) ?? 0) - 300)).toBeLessThan(5 * Math.sqrt(3000 * 0.09))
  expect(Math.abs((samples.get(1000) ?? 0) - 150)).toBeLessThan(5 * Math.sqrt(300 * 0.25))
  expect(samples.get(10_000)).toBe(3)
  const own = sites(profile).sites.filter((site) => site.function === 'keepBuffers')
  const [self, variance] = own.reduce(
    ([bytes, squares], site) => [bytes + site.self, squares + (site.self * site.error) ** 2],
    [0, 0] as [number, number],
  )
  expect(Math.abs(self - 630_000)).toBeLessThan(5 * Math.sqrt(variance))
})

test('a probability of 0 records nothing of a range', () => {
  const options = { samplingProbability: { 5000: 0 }, domains: ['arrayBuffer'] } as const
  using profile = record(options, keepBuffers)
  const sizes = Array.from(profile.events()).flatMap((event) => (event.kind === 'alloc' ? event.size : []))
  expect(sizes.filter((size) => size === 10_000).length).toBe(3)
  expect(sizes.filter((size) => size < 5000)).toEqual([])
})

test('{} records everything', () => {
  using profile = record({ samplingProbability: {}, domains: ['arrayBuffer'] }, keepBuffers)
  const own = sites(profile).sites.filter((site) => site.function === 'keepBuffers')
  expect(own.reduce((sum, site) => sum + site.self, 0)).toBe(630_000)
  expect(own.reduce((sum, site) => sum + site.samples, 0)).toBe(3303)
})

test('on the heap a table thins what V8 draws, and the estimate is right', () => {
  const keepObjects = (): void => {
    for (let i = 0; i < 200_000; i++) kept.push({ i, j: i, k: i })
  }
  const samplesAt = (probability: number): number => {
    using profile = record({ samplingProbability: { 128: probability }, domains: ['heap'] }, keepObjects)
    const all = sites(profile).sites.filter((site) => site.function === 'keepObjects')
    const site = all.reduce((most, next) => (next.samples > most.samples ? next : most))
    kept = []
    // At least 200,000 objects of 48 bytes, five standard errors around them.
    expect(site.self).toBeGreaterThan(8_000_000 * (1 - 5 * site.error))
    expect(site.allocations).toBeLessThan(260_000 * (1 + 5 * site.error))
    return site.samples
  }
  const [few, many] = [samplesAt(0.001), samplesAt(0.02)]
  expect(few).toBeGreaterThan(100)
  expect(few).toBeLessThan(400)
  expect(many).toBeGreaterThan(10 * few)
})

test('the same seed makes the same choice among array buffers, another seed another one', () => {
  const choice = (seed: number, options: StartOptions): string => {
    using profile = record({ ...options, domains: ['arrayBuffer'], seed }, () => {
      for (let i = 1; i <= 2000; i++) kept.push(new ArrayBuffer(64 + i))
    })
    expect(profile.header?.seed).toBe(seed)
    const sizes = Array.from(profile.events()).flatMap((event) => (event.kind === 'alloc' ? event.size : []))
    return sizes.filter((size) => size > 64 && size <= 2064).join()
  }
  for (const options of [{ samplingInterval: 20_000 }, { samplingProbability: { 4096: 0.05 } }]) {
    const first = choice(42, options)
    expect(first.split(',').length).toBeGreaterThan(20)
    expect(choice(42, options)).toBe(first)
    expect(choice(43, options)).not.toBe(first)
  }
})

test('without a seed there is none in the header', () => {
  using profile = record({}, () => {})
  expect(profile.header?.seed).toBeUndefined()
})

test('the source that was asked for is the one that records, and the header says which', () => {
  for (const source of ['direct', 'polled'] as const) {
    using profile = record({ source, samplingInterval: 4096 }, () => {
      for (let i = 0; i < 50_000; i++) kept.push({ i })
    })
    expect(profile.header?.source).toBe(source)
    expect(profile.header?.sourceReason === '').toBe(source === 'direct')
    kept = []
  }
})

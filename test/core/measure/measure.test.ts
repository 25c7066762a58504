import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { measure } from '../../../src/core/measure/measure.js'
import { prepare } from '../../../src/core/measure/prepare.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'

prepare()

const counted = { sample: false }
let kept: unknown[] = []

function makeObjects(): void {
  kept = []
  for (let i = 0; i < 10_000; i++) kept.push({ a: i, b: i, c: i })
}

describe('measure, with the real counters', () => {
  test('an empty function allocates nothing', async () => {
    expect(await measure(() => {}, counted)).toMatchObject({
      allocated: 0,
      heap: 0,
      arrayBuffers: 0,
      exact: true,
    })
  })

  test('an empty asynchronous function allocates nothing beyond its awaiting', async () => {
    expect(await measure(async () => {}, counted)).toMatchObject({ allocated: 0, exact: true })
  })

  test('counts every object', async () => {
    const temporary = () => {
      let last: unknown
      for (let i = 0; i < 10_000; i++) last = { a: i, b: i, c: i }
      return last
    }
    const { allocated, arrayBuffers } = await measure(temporary, { ...counted, warmup: 3, runs: 10 })
    // Until V8's compiler is done with the loop, which a busy machine delays, each has 16 bytes about its place behind it.
    const each = allocated < 560_000 ? 48 : 48 + 16
    expect(allocated).toBeGreaterThanOrEqual(10_000 * each)
    expect(allocated).toBeLessThan(10_000 * each + 4000)
    expect(arrayBuffers).toBe(0)
  })

  test('counts array buffers apart', async () => {
    const { heap, arrayBuffers } = await measure(() => Buffer.alloc(1_000_000), counted)
    expect(arrayBuffers).toBe(1_000_000)
    expect(heap).toBeLessThan(1000)
  })

  test('counts what an asynchronous function allocates after an await', async () => {
    const fn = async () => {
      await new Promise(setImmediate)
      return Buffer.alloc(500_000)
    }
    const { heap, arrayBuffers } = await measure(fn, counted)
    expect(arrayBuffers).toBe(500_000)
    expect(heap).toBeLessThan(20_000)
  })

  test('names the line, and removes the profile', async () => {
    // A folder of its own: other tests measure at the same time.
    const temporary = mkdtempSync(join(tmpdir(), 'measured-'))
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => {
      vi.unstubAllEnvs()
      rmSync(temporary, { recursive: true })
    })
    const { sites, allocations, samplingError = 1, profile } = await measure(makeObjects)
    expect(sites[0]).toMatchObject({ function: 'makeObjects', file: import.meta.filename, domain: 'heap' })
    expect(sites[0]?.self).toBeGreaterThan(450_000)
    // What starting and stopping the sampler allocates would be charged to this test.
    expect(sites.filter((site) => site.function !== 'makeObjects')).toEqual([])
    expect(allocations).toBeGreaterThan(9000)
    // As above: until the compiler is done, an object of 48 bytes is drawn like one of 64, which is 1.21 times as likely at
    // an interval of 75 bytes. All of 10,017, and three standard errors.
    expect(allocations).toBeLessThan(12_500)
    expect(samplingError).toBeLessThan(0.05)
    expect(profile).toBeUndefined()
    expect(tmpdir()).toBe(temporary)
    expect(readdirSync(temporary)).toEqual([])
    expect(kept).toHaveLength(10_000)
  })

  test('keeps the profile where it is told to', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kept-'))
    const { profile } = await measure(makeObjects, { fileBase: join(directory, 'objects') })
    expect(profile).toBe(join(directory, 'objects'))
    expect(readdirSync(directory).sort()).toEqual(['objects.hpd', 'objects.hpm'])
    rmSync(directory, { recursive: true })
  })

  test('sites are the code of the user, never ours, the runner or Node', async () => {
    const { sites } = await measure(() =>
      JSON.parse(JSON.stringify(Array.from({ length: 1000 }, () => ({ x: 'y' })))),
    )
    expect(new Set(sites.map(({ file }) => file))).toEqual(new Set([import.meta.filename]))
  })

  test('refuses to sample inside another recording, and leaves that one alone', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'outer-'))
    start(join(directory, 'outer'))
    await expect(measure(() => {})).rejects.toMatchObject({ code: 'already-profiling' })
    expect(await measure(() => {}, counted)).toMatchObject({ allocated: 0 })
    stop()
    expect(existsSync(join(directory, 'outer.hpd'))).toBe(true)
    rmSync(directory, { recursive: true })
  })

  test('two at once are refused, whichever comes second', async () => {
    const slow = () => new Promise((resolve) => setTimeout(resolve, 5))
    const results = await Promise.allSettled([measure(slow, counted), measure(slow, counted)])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(results[1]).toMatchObject({ reason: { code: 'overlap' } })
  })
})

test.each([42, undefined, null, 'f', {}, Promise.resolve()])(
  'refuses %o, which is no function',
  async (value) => {
    await expect(measure(value as () => void)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/^measure: expected a function, received /),
    })
  },
)

test('says what came instead of a function', async () => {
  await expect(measure(42 as never)).rejects.toThrow('measure: expected a function, received 42')
})

test('refuses options it does not know', async () => {
  await expect(measure(() => {}, { warmUp: 1 } as never)).rejects.toThrow(
    'measure: unknown option "warmUp"; did you mean "warmup"?',
  )
  await expect(measure(() => {}, { runs: 0 })).rejects.toThrow('measure: runs must be a whole number from 1')
})

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HeapproofError } from '../../../src/core/errors.js'
import {
  allocateLessThan,
  type MatcherContext,
  type MatcherResult,
} from '../../../src/core/expect/allocate-less-than.js'
import type { CallOptions } from '../../../src/core/measure/options.js'
import { measuringState } from '../../../src/core/measure/state.js'
import type { Size } from '../../../src/core/text/bytes.js'
import { allocating, FakeMachine, siteOf } from '../measure/fake.js'

let machine: FakeMachine
let directory: string

beforeEach(() => {
  machine = new FakeMachine()
  directory = mkdtempSync(join(tmpdir(), 'heapproof-test-'))
  Object.assign(measuringState(), { active: false, settledAt: 0, awaitCost: undefined })
})

afterEach(() => {
  rmSync(directory, { recursive: true })
  Object.assign(measuringState(), { active: false, settledAt: undefined, awaitCost: undefined })
})

const context = (more: Partial<MatcherContext> = {}): MatcherContext => ({
  isNot: false,
  root: '/project',
  cwd: '/project',
  ...more,
})

function check(
  received: unknown,
  limit: Size,
  options?: CallOptions,
  more?: Partial<MatcherContext>,
): MatcherResult {
  return allocateLessThan(received, limit, options, context(more), machine) as MatcherResult
}

describe('how often the function is called', () => {
  test('once, when it stays below', () => {
    const fn = allocating(machine, 999)
    expect(check(fn, 1000).pass).toBe(true)
    expect(fn.calls).toBe(1)
    expect(machine.events).toEqual([])
  })

  test('the limit itself is not below', () => {
    expect(check(allocating(machine, 1000), 1000).pass).toBe(false)
  })

  test('until it stays below', () => {
    const fn = allocating(machine, 9000, 1100, 900)
    expect(check(fn, 1000).pass).toBe(true)
    expect(fn.calls).toBe(3)
  })

  test('three times and once under the sampler, when it stays over', () => {
    const fn = allocating(machine, 5000)
    expect(check(fn, 1000).pass).toBe(false)
    expect(fn.calls).toBe(4)
    expect(machine.events).toEqual(['start 16', 'stop', 'read'])
  })

  test('as the options say', () => {
    const once = allocating(machine, 5000)
    check(once, 1000, { runs: 1, sample: false })
    expect(once.calls).toBe(1)
    const many = allocating(machine, 5000)
    check(many, 1000, { warmup: 2, runs: 5, sample: false })
    expect(many.calls).toBe(7)
    check(allocating(machine, 5000), 1000, { samplingInterval: 64 })
    expect(machine.events[0]).toBe('start 64')
  })

  test('a lone low reading does not save it', () => {
    // 7 MB twice, and once half a megabyte less, because something was swept.
    expect(check(allocating(machine, 7e6, 7e6, 6.4e6), '6.5MB').pass).toBe(false)
  })

  test('a negative reading does not pass', () => {
    const fn = allocating(machine, -400_000, 5000)
    expect(check(fn, 1000, { sample: false }).pass).toBe(false)
    expect(fn.calls).toBe(4)
  })

  test('once, when not even the greatest disturbance could have hidden that it exceeds the limit', () => {
    // V8 put optimised code in place inside the call, and its compilers gave old space back.
    const fn = allocating(machine, -220_000)
    const { pass, message } = check(fn, '2MB', undefined, { isNot: true })
    expect(pass).toBe(true)
    expect(fn.calls).toBe(1)
    expect(message()).toContain('allocated   0 B   (approximate')

    // Here more was given back than is known to happen: it says nothing.
    const unknown = allocating(machine, -1_200_000, 5000)
    expect(check(unknown, '2MB').pass).toBe(true)
    expect(unknown.calls).toBe(2)
  })
})

describe('not', () => {
  test('holds without evidence, since nothing is wrong', () => {
    const fn = allocating(machine, 5000)
    expect(check(fn, 1000, undefined, { isNot: true }).pass).toBe(false)
    expect(fn.calls).toBe(3)
    expect(machine.events).toEqual([])
  })

  test('fails below the limit with the mirrored sentence', () => {
    const { pass, message } = check(allocating(machine, 4_200_000), '5MB', undefined, { isNot: true })
    expect(pass).toBe(true)
    expect(message()).toMatchInlineSnapshot(`
      "expect(received).not.toAllocateLessThan("5MB")

          limit       at least 5 MB
          allocated   4.2 MB   (exact; no collections)
                      4.2 MB heap, 0 B array buffers"
    `)
  })
})

describe('the message', () => {
  const sites = [
    {
      function: 'parseRow',
      file: '/project/src/feed.ts',
      line: 41,
      column: 17,
      self: 4_910_000,
      total: 6_020_000,
    },
    { function: 'set', file: '/project/src/cache.ts', line: 14, column: 9, self: 1_020_000 },
    {
      function: '(anonymous)',
      file: '/elsewhere/node_modules/p/index.js',
      line: 3,
      column: 1,
      self: 670_000,
    },
    {
      function: 'readBlob',
      file: '/project/src/blob.ts',
      line: 7,
      column: 22,
      self: 370_000,
      domain: 'arrayBuffer',
    },
    { function: 'eval', file: 'https://cdn.test/a.js', line: 0, column: 0, self: 100_000 },
  ].map((site) => siteOf({ ...(site as object), allocations: 8242, error: 0.02 }))

  function overLimit(): void {
    machine.heap(6_910_000)
    machine.buffers(370_000)
    for (let i = 0; i < 3; i++) machine.collect('minor')
  }

  test('sentence, numbers, places, evidence', () => {
    machine.found = sites
    const keepAt = () => join(directory, 'parses-a-large-feed')
    const { message } = check(overLimit, '5 MB' as Size, undefined, {
      keepAt,
      root: directory,
      cwd: join(directory, '..'),
    })
    expect(message().replaceAll(directory.split('/').at(-1) as string, 'ROOT')).toMatchInlineSnapshot(`
      "expect(received).toAllocateLessThan("5 MB")

          limit       5 MB
          allocated   7.28 MB in ~41,200 allocations   (exact; 3 collections)
                      6.91 MB heap, 370 kB array buffers

              self             total
           4.91 MB   69 %    6.02 MB   85 %   parseRow      /project/src/feed.ts:41:17
           1.02 MB   14 %    1.02 MB   14 %   set           /project/src/cache.ts:14:9
            670 kB    9 %     670 kB    9 %   (anonymous)   /elsewhere/node_modules/p/index.js:3:1
            370 kB    5 %     370 kB    5 %   readBlob      /project/src/blob.ts:7:22 (array buffer)
            100 kB    1 %     100 kB    1 %   eval          https://cdn.test/a.js
          (sampled every 728 B, ±3 %)

          Profile: parses-a-large-feed
          Open it: npx heapproof top ROOT/parses-a-large-feed"
    `)
    expect(readdirSync(directory)).toHaveLength(2)
  })

  test('shows ten sites and sums up the rest', () => {
    machine.found = Array.from({ length: 22 }, (_, i) =>
      siteOf({ function: `f${i}`, line: i + 1, self: 1000 * (30 - i) }),
    )
    expect(check(overLimit, '5MiB').message()).toMatchInlineSnapshot(`
      "expect(received).toAllocateLessThan("5MiB")

          limit       5 MiB
          allocated   6.94 MiB   (exact; 3 collections)
                      6.59 MiB heap, 361 KiB array buffers

               self             total
           29.3 KiB   7 %    29.3 KiB   7 %   f0   src/f.ts:1:1
           28.3 KiB   7 %    28.3 KiB   7 %   f1   src/f.ts:2:1
           27.3 KiB   7 %    27.3 KiB   7 %   f2   src/f.ts:3:1
           26.4 KiB   6 %    26.4 KiB   6 %   f3   src/f.ts:4:1
           25.4 KiB   6 %    25.4 KiB   6 %   f4   src/f.ts:5:1
           24.4 KiB   6 %    24.4 KiB   6 %   f5   src/f.ts:6:1
           23.4 KiB   6 %    23.4 KiB   6 %   f6   src/f.ts:7:1
           22.5 KiB   5 %    22.5 KiB   5 %   f7   src/f.ts:8:1
           21.5 KiB   5 %    21.5 KiB   5 %   f8   src/f.ts:9:1
           20.5 KiB   5 %    20.5 KiB   5 %   f9   src/f.ts:10:1
          ... 12 more sites, 170 KiB         (sampled every 728 B, ±1 %)"
    `)
  })

  test('without sampling there are only numbers', () => {
    expect(check(overLimit, 5_000_000, { sample: false }).message()).toMatchInlineSnapshot(`
      "expect(received).toAllocateLessThan(5000000)

          limit       5 MB
          allocated   7.28 MB   (exact; 3 collections)
                      6.91 MB heap, 370 kB array buffers"
    `)
  })

  test('shows every byte when three digits look the same', () => {
    expect(check(allocating(machine, 5_000_040), '5MB', { sample: false }).message()).toMatchInlineSnapshot(`
      "expect(received).toAllocateLessThan("5MB")

          limit       5,000,000 B
          allocated   5,000,040 B   (exact; no collections)
                      5 MB heap, 0 B array buffers"
    `)
  })

  test('says what a full collection does to the figure', () => {
    const fn = () => {
      machine.heap(2000)
      machine.collect('major')
    }
    expect(check(fn, 1000, { sample: false }).message()).toContain(
      'allocated   2 kB   (approximate: V8 was collecting the whole heap; 1 collection)',
    )
  })

  test('gives the verdict, and the reason why there are no sites, while a recording is under way', () => {
    machine.recording = true
    const { pass, message } = check(overLimit, '5MB')
    expect(pass).toBe(false)
    expect(message()).toMatch(
      /\n\n {4}No allocation sites: a recording is under way, and there can be only one\.$/,
    )
    expect(machine.events).toEqual([])
  })

  test('gives the verdict when the sampler refuses', () => {
    machine.refuseToStart = new HeapproofError('sampler-busy', 'somebody else is sampling')
    expect(check(overLimit, '5MB').message()).toContain('No allocation sites: somebody else is sampling.')
  })

  test('gives the verdict when the profile cannot be kept', () => {
    const keepAt = () => {
      throw new HeapproofError('cannot-write', 'cannot keep a profile')
    }
    expect(check(overLimit, '5MB', undefined, { keepAt }).message()).toContain(
      'No allocation sites: cannot keep a profile.',
    )
  })

  test('quotes a path that a shell would take apart', () => {
    const keepAt = () => join(directory, 'a b')
    const { message } = check(overLimit, '5MB', undefined, { keepAt, root: directory, cwd: directory })
    expect(message()).toMatch(/Profile: a b\n {4}Open it: npx heapproof top "a b"$/)
  })
})

describe('asynchronous functions', () => {
  test('give a promise of the same answer', async () => {
    const fn = async () => {
      await null
      machine.heap(5000)
    }
    expect(await check(fn, 6000)).toMatchObject({ pass: true })
    const { pass, message } = await check(fn, 1000)
    expect(pass).toBe(false)
    expect(message()).toContain('allocated   5 kB   (exact; no collections)')
  })

  test('reject with what they reject with', async () => {
    const error = new RangeError('mine')
    await expect(check(() => Promise.reject(error), 1000)).rejects.toBe(error)
  })
})

describe('mistakes', () => {
  test.each([42, undefined, null, 'fn', {}, [() => {}]])('a received %o is no function', (received) => {
    expect(() => check(received, 1000)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(/^toAllocateLessThan: expected a function, received /),
      }),
    )
  })

  test('a limit that is no size', () => {
    const fn = allocating(machine, 1)
    expect(() => check(fn, '5 parsecs' as Size)).toThrow(
      expect.objectContaining({
        code: 'invalid-size',
        message: expect.stringContaining('received "5 parsecs"'),
      }),
    )
    expect(fn.calls).toBe(0)
  })

  test.each([0, '0 B', '0.1 B'] as Size[])('a limit of %j, below which there is nothing', (limit) => {
    for (const isNot of [false, true]) {
      expect(() => check(() => {}, limit, undefined, { isNot })).toThrow(
        expect.objectContaining({
          code: 'invalid-size',
          message: expect.stringContaining('a limit of 1 byte demands'),
        }),
      )
    }
    expect(check(() => {}, 1).pass).toBe(true)
  })

  test('an option it does not know', () => {
    expect(() => check(() => {}, 1000, { run: 1 } as CallOptions)).toThrow(
      'toAllocateLessThan: unknown option "run"; did you mean "runs"?',
    )
    expect(() => check(() => {}, 1000, { fileBase: 'x' } as CallOptions)).toThrow('unknown option "fileBase"')
  })

  test('an exception of the function comes through unchanged', () => {
    const error = new Error('mine')
    const fail = () => {
      throw error
    }
    expect(() => check(fail, 1000)).toThrow(error)
    expect(measuringState().active).toBe(false)
  })
})

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { allocateLessThan } from '../../../src/core/expect/allocate-less-than.js'
import { type IgnoreRule, ignoring, remaining } from '../../../src/core/expect/ignore.js'
import type { MatcherResult } from '../../../src/core/expect/matcher.js'
import type { AllocateOptions } from '../../../src/core/expect/options.js'
import { measuringState } from '../../../src/core/measure/state.js'
import type { Size } from '../../../src/core/text/bytes.js'
import { allocating, FakeMachine, siteOf } from '../measure/fake.js'

describe('which lines are ignored', () => {
  const at = (file: string) => ({ function: 'f', file, line: 3, column: 1 })

  test.each<[IgnoreRule | IgnoreRule[], string, boolean]>([
    ['src/log/**', '/project/src/log/line.ts', true],
    ['src/log/**', '/project/src/logger.ts', false],
    ['src/log/*.ts', '/project/src/log/deep/line.ts', false],
    ['**/*.test.ts', '/project/a.test.ts', true],
    ['**/node_modules/left-pad/**', '/project/node_modules/left-pad/index.js', true],
    ['**/node_modules/left-pad/**', '/node_modules/left-pad/index.js', true],
    ['**/.cache/**', '/project/.cache/x.js', true],
    ['*', 'node:fs', true],
    [['a.ts', 'b.ts'], '/project/b.ts', true],
    [[], '/project/b.ts', false],
    [({ line }) => line === 3, '/project/b.ts', true],
    [['a.ts', ({ function: name }) => name === 'g'], '/project/b.ts', false],
  ])('%o and %s: %s', (rules, file, ignored) => {
    expect(ignoring(rules, '/project')(at(file))).toBe(ignored)
  })

  test('a function is given the frame and nothing else', () => {
    const seen: unknown[] = []
    ignoring((frame) => seen.push(frame) > 0, '/project')(siteOf({ self: 5 }))
    expect(seen).toEqual([{ function: 'f', file: '/project/src/f.ts', line: 1, column: 1 }])
  })
})

describe('what is left', () => {
  const counted = { heap: 1000, arrayBuffer: 0, native: 0 }
  const isIgnored = ({ function: name }: { function: string }) => name === 'log'

  test('is the share of the samples that are not ignored', () => {
    const sites = [siteOf({ self: 300, error: 0.1 }), siteOf({ function: 'log', self: 100, error: 0.2 })]
    const left = remaining(counted, sites, isIgnored)
    expect(left).toMatchObject({ bytes: 750, ignored: 250, lines: 1 })
    // 1000 sqrt(100^2 30^2 + 300^2 20^2) / 400^2
    expect(left.error).toBeCloseTo(41.93, 2)
  })

  test('is everything where nothing was sampled', () => {
    expect(remaining(counted, [], isIgnored)).toEqual({ bytes: 1000, error: 0, ignored: 0, lines: 0 })
  })

  test('is told by domain', () => {
    const sites = [
      siteOf({ self: 10 }),
      siteOf({ function: 'log', self: 10 }),
      siteOf({ self: 7, domain: 'arrayBuffer' }),
    ]
    expect(remaining({ heap: 100, arrayBuffer: 50, native: 8 }, sites, isIgnored).bytes).toBe(50 + 50 + 8)
  })

  test('of what is live has the error of fewer samples', () => {
    const sites = [
      siteOf({ self: 400, live: 100, error: 0.1 }),
      siteOf({ function: 'log', self: 400, live: 300 }),
    ]
    const left = remaining(counted, sites, isIgnored, 'live')
    expect(left.bytes).toBe(250)
    expect(left.error).toBeCloseTo((1000 * 300 * 20) / 400 ** 2, 6)
  })
})

describe('toAllocateLessThan with ignored lines', () => {
  let machine: FakeMachine
  let directory: string

  beforeEach(() => {
    machine = new FakeMachine()
    directory = mkdtempSync(join(tmpdir(), 'heapproof-test-'))
    Object.assign(measuringState(), { active: false, settledAt: 0, awaitCost: undefined })
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const ignore = 'src/log.ts'
  const sites = (kept: number, out: number, error = 0.01) => [
    siteOf({ self: kept, error, allocations: 10 }),
    siteOf({ function: 'log', file: '/project/src/log.ts', self: out, error, allocations: 10 }),
  ]
  function check(
    heap: number,
    limit: Size,
    options: AllocateOptions = {},
    isNot = false,
  ): MatcherResult & { calls: number } {
    const fn = allocating(machine, heap)
    const keepAt = () => join(directory, 'profile')
    const context = { isNot, root: '/project', cwd: '/project', keepAt }
    const result = allocateLessThan(fn, limit, { ignore, ...options }, context, machine) as MatcherResult
    return { ...result, calls: fn.calls }
  }

  test('needs no samples when everything together stays below', () => {
    expect(check(900, 1000)).toMatchObject({ pass: true, calls: 1 })
    expect(machine.events).toEqual([])
  })

  test('holds when what is left stays below by more than the error, and leaves no profile', () => {
    machine.found = sites(4000, 6000)
    expect(check(10_000, 5000)).toMatchObject({ pass: true, calls: 4 })
    expect(machine.events).toEqual(['start 16', 'stop', 'read'])
    expect(readdirSync(directory)).toEqual([])
  })

  test('fails when what is left exceeds it by more than the error, with the lines that are left', () => {
    machine.found = sites(8000, 2000)
    const { pass, message } = check(10_000, 5000)
    expect(pass).toBe(false)
    expect(message().replaceAll(directory, 'ROOT')).toMatchInlineSnapshot(`
      "expect(received).toAllocateLessThan(5000)

          limit       5 kB
          allocated   8 kB ±67.9 B   (sampled; 1 ignored line, 2 kB, taken out)
          in all      10 kB   (exact; no collections)
                      10 kB heap, 0 B array buffers

           self           total
           8 kB   100 %    8 kB   100 %   f   src/f.ts:1:1
          (sampled every 16 B, ±2 %)

          Profile: ROOT/profile
          Open it: npx heapproof top ROOT/profile"
    `)
  })

  test('near the limit it samples eight times as finely, three times; then it holds', () => {
    machine.found = sites(5100, 4900, 0.05)
    expect(check(1_000_000, 505_000, { samplingInterval: 1024 })).toMatchObject({ pass: true, calls: 6 })
    expect(machine.events.filter((event) => event.startsWith('start'))).toEqual([
      'start 1024',
      'start 128',
      'start 16',
    ])
    expect(readdirSync(directory)).toEqual([])
  })

  test('near the limit .not holds as well', () => {
    machine.found = sites(5100, 4900, 0.05)
    expect(check(10_000, 5050, {}, true).pass).toBe(false)
  })

  test('.not fails when what is left is surely below', () => {
    machine.found = sites(1000, 9000)
    expect(check(10_000, 5000, {}, true).pass).toBe(true)
  })

  test('fails in both directions, and says why, while a recording is under way', () => {
    machine.recording = true
    for (const isNot of [false, true]) {
      const { pass, message } = check(10_000, 5000, {}, isNot)
      expect(pass).toBe(isNot)
      expect(message()).toContain(
        'cannot tell what is left without the ignored lines: which lines allocated is not known: a recording is under way',
      )
    }
  })

  test('a limit that is too fine for the interval is a mistake', () => {
    expect(() => check(10_000, 5000, { samplingInterval: 512 })).toThrow(
      'toAllocateLessThan: the limit is too fine for a samplingInterval of 512: with fewer than 10 samples in as many ' +
        'bytes as the limit nobody can tell; use at most 500, or leave it out',
    )
    expect(check(1, 5000, { samplingInterval: 500 }).pass).toBe(true)
    expect(check(1, 5, { samplingInterval: 1 }).pass).toBe(true)
  })

  test.each(['', 5, [/log/], { glob: 'x' }])('refuses to ignore %o', (value) => {
    expect(() => check(1, 5000, { ignore: value as never })).toThrow(
      "toAllocateLessThan: ignore must be a glob such as 'src/log/**', a function of a frame, or a list of them",
    )
  })
})

describe('toAllocateLessThan by domain', () => {
  let machine: FakeMachine
  beforeEach(() => {
    machine = new FakeMachine()
    Object.assign(measuringState(), { active: false, settledAt: 0, awaitCost: undefined })
  })
  const fn = () => {
    machine.heap(100)
    machine.buffers(1000)
    machine.native(10_000)
  }
  const check = (options: AllocateOptions, limit: Size = 50) =>
    allocateLessThan(
      fn,
      limit,
      options,
      { isNot: false, root: '/project', cwd: '/project' },
      machine,
    ) as MatcherResult

  test.each<[AllocateOptions['domain'], string]>([
    [undefined, '1.1 kB'],
    ['heap', '100 B'],
    ['arrayBuffer', '1 kB'],
    ['native', '10 kB'],
    [['native', 'heap'], '10.1 kB'],
  ])('%j counts %s', (domain, allocated) => {
    expect(check({ domain, sample: false }).message()).toContain(`allocated   ${allocated} `)
  })

  test('samples what counts', () => {
    check({ domain: ['native', 'heap'] })
    expect(machine.events).toEqual([
      'count native true',
      'start 16 heap,native',
      'stop',
      'read',
      'count native false',
    ])
  })

  test('counts native memory no longer, whatever happens', () => {
    const context = { isNot: false, root: '/project' }
    const fail = () => {
      throw new Error('mine')
    }
    expect(() => allocateLessThan(fail, 5, { domain: 'native' }, context, machine)).toThrow('mine')
    expect(machine.events).toEqual(['count native true', 'count native false'])
  })

  test('says where native memory cannot be counted', () => {
    machine.refuseNative = 'unsupported: native memory can be followed on Linux only'
    expect(() => check({ domain: 'native' })).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message:
          'toAllocateLessThan: native memory cannot be counted here: native memory can be followed on Linux only',
      }),
    )
  })

  test('what disturbs the heap does not disturb buffers', () => {
    const disturbed = () => {
      machine.heap(-500)
      machine.buffers(80)
      machine.collect('major')
    }
    const context = { isNot: false, root: '/project', cwd: '/project' }
    const { message } = allocateLessThan(
      disturbed,
      50,
      { domain: 'arrayBuffer', sample: false },
      context,
      machine,
    ) as MatcherResult
    expect(message()).toContain('allocated   80 B   (exact; 1 collection)')
  })

  test.each([[[]], 'heaps', [['heap', 'heap']], 5])('refuses %j', (domain) => {
    expect(() => check({ domain: domain as never })).toThrow(
      "toAllocateLessThan: domain must be 'heap', 'arrayBuffer' or 'native', or a list of them, each at most once",
    )
  })
})

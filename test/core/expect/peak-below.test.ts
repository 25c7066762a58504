import { beforeEach, describe, expect, test } from 'vitest'
import type { MatcherContext, MatcherResult } from '../../../src/core/expect/matcher.js'
import type { PeakOptions } from '../../../src/core/expect/options.js'
import { peakBelow } from '../../../src/core/expect/peak-below.js'
import { measuringState } from '../../../src/core/measure/state.js'
import type { Size } from '../../../src/core/text/bytes.js'
import { FakeMachine, siteOf } from '../measure/fake.js'

let machine: FakeMachine
let calls: number

beforeEach(() => {
  machine = new FakeMachine()
  calls = 0
  Object.assign(measuringState(), { active: false, settledAt: 0, awaitCost: undefined })
})

const fn = () => {
  calls++
}
const check = (
  limit: Size,
  options?: PeakOptions,
  more: Partial<MatcherContext> = {},
  received: unknown = fn,
) =>
  peakBelow(
    received,
    limit,
    options,
    { isNot: false, root: '/project', cwd: '/project', ...more },
    machine,
  ) as MatcherResult
const watches = () => machine.events.filter((event) => event.startsWith('watch'))

const looked = { upper: 30e6, lower: 0, allocated: 100e6 }

describe('toPeakBelow', () => {
  test('only looks on when even garbage does not reach the limit', () => {
    machine.peaks = [{ ...looked, upper: 3e6 }]
    expect(check('5MB')).toMatchObject({ pass: true })
    expect([calls, watches()]).toEqual([2, ['watch 0 0']])
    expect(machine.events).toContain('collect')
  })

  test('collects at each sixteenth of the limit when it may be reached', () => {
    machine.peaks = [looked, { upper: 15e6, lower: 14e6, allocated: 32e6, collections: 30 }]
    machine.peaks[0] = { ...looked, allocated: 32e6 }
    expect(check('16MB').pass).toBe(true)
    expect(watches()).toEqual(['watch 0 0', 'watch 1000000 65'])
  })

  test('collects less often where very much is allocated', () => {
    machine.peaks = [
      { ...looked, allocated: 3200e6 },
      { upper: 15e6, lower: 1e6, allocated: 3200e6 },
    ]
    expect(check('16MB').pass).toBe(true)
    expect(watches()[1]).toBe('watch 100000000 65')
  })

  test('never more finely than what V8 uses moves by itself', () => {
    machine.peaks = [
      { upper: 9000, allocated: 9000 },
      { upper: 500, lower: 0, allocated: 9000 },
    ]
    expect(check(1000).pass).toBe(true)
    expect(watches()[1]).toBe('watch 4096 6')
  })

  test('fails with what was live at the peak, and how precisely the peak is known', () => {
    machine.peaks = [
      looked,
      { upper: 7.33e6, lower: 7.02e6, allocated: 100e6, collections: 31 },
      { upper: 7.4e6, lower: 7.1e6, seconds: 0.25, allocated: 100e6, collections: 31 },
    ]
    machine.found = [
      siteOf({ function: 'load', line: 3, self: 6e6, live: 6e6, error: 0.01 }),
      siteOf({ function: 'read', line: 9, self: 1e6, live: 1e6, error: 0.02, domain: 'arrayBuffer' }),
    ]
    const { pass, message } = check('5MB')
    expect(pass).toBe(false)
    expect(message()).toMatchInlineSnapshot(`
      "expect(received).toPeakBelow("5MB")

          limit   5 MB
          peak    7.02 MB, within 310 kB   (reachable at once; 31 collections forced, one each 3.13 MB)

           live
           6 MB   86 %   load   src/f.ts:3:1
           1 MB   14 %   read   src/f.ts:9:1 (array buffer)
          (what was live at the peak; sampled every 733 B, ±2 %)"
    `)
    expect(machine.events).toContain('at 0.25')
    expect(watches()[2]).toBe('watch 3125000 63')
  })

  test('once more, eight times as finely, when the limit lies between', () => {
    machine.peaks = [
      looked,
      { upper: 5.5e6, lower: 4.5e6, allocated: 100e6, collections: 31 },
      { upper: 4.9e6, lower: 4.7e6, allocated: 100e6, collections: 250 },
    ]
    expect(check('5MB').pass).toBe(true)
    expect(watches()[2]).toBe('watch 390625 513')
  })

  test.each([false, true])('cannot tell when it still lies between (.not: %s)', (isNot) => {
    machine.peaks = [
      looked,
      { upper: 5.5e6, lower: 4.5e6, allocated: 100e6, collections: 31 },
      { upper: 5.5e6, lower: 4.5e6, allocated: 100e6, collections: 250 },
    ]
    const { pass, message } = check('5MB', undefined, { isNot })
    expect(pass).toBe(isNot)
    expect(message().replace('.not', '').replace('at least ', '')).toMatchInlineSnapshot(`
      "expect(received).toPeakBelow("5MB")

          limit   5 MB
          peak    cannot tell: it is between 4.5 MB and 5.5 MB   (250 collections forced, one each 391 kB)
                  The limit is too near to it for steps of 391 kB, and finer ones would take too long."
    `)
    expect(watches()).toHaveLength(3)
  })

  test('calls again when V8 has collected much less often than it was asked to, and that leaves it open', () => {
    const late = { upper: 20e6, lower: 0, allocated: 100e6, collections: 1 }
    machine.peaks = [looked, late, late, { upper: 4.9e6, lower: 4.5e6, allocated: 100e6, collections: 31 }]
    expect(check('5MB').pass).toBe(true)
    expect(watches()).toEqual(['watch 0 0', 'watch 3125000 65', 'watch 3125000 65', 'watch 3125000 65'])
    machine.events.length = 0
    machine.peaks = [looked, late]
    expect(check('5MB').pass).toBe(false)
    expect(watches().filter((event) => event === 'watch 3125000 65')).toHaveLength(4)
  })

  test('cannot tell when finer steps would take too long', () => {
    machine.peaks = [looked, { upper: 5.5e6, lower: 4.5e6, allocated: 100e6, collections: 31 }]
    const slow = () => {
      machine.clock += 1000
    }
    expect(check('5MB', undefined, {}, slow).pass).toBe(false)
    expect(watches()).toHaveLength(2)
  })

  test('says why nothing could be paced', () => {
    machine.peaks = [looked]
    machine.refusePeak = (step) => (step > 0 ? 'unsupported: this build of Node has no symbols' : undefined)
    expect(check('5MB').message()).toMatchInlineSnapshot(`
      "expect(received).toPeakBelow("5MB")

          limit   5 MB
          peak    cannot tell: it is between 0 B and 30 MB   (no collection was forced)
                  Nothing more precise can be found out: this build of Node has no symbols."
    `)
    machine.recording = true
    expect(check('5MB').message()).toContain('a recording is under way, and there can be only one.')
  })

  test('.not holds over the limit and fails below it', () => {
    machine.peaks = [looked, { upper: 7.33e6, lower: 7.02e6, allocated: 100e6, collections: 31 }]
    expect(check('5MB', undefined, { isNot: true }).pass).toBe(false)
    machine.peaks = [{ ...looked, upper: 3.2e6 }]
    const { pass, message } = check('5MB', undefined, { isNot: true })
    expect(pass).toBe(true)
    expect(message()).toMatchInlineSnapshot(`
      "expect(received).not.toPeakBelow("5MB")

          limit   at least 5 MB
          peak    at most 3.2 MB   (no collection was forced)"
    `)
  })

  test('waits for asynchronous functions', async () => {
    machine.peaks = [looked]
    const later = async () => {
      await null
      calls++
    }
    expect((await check('50MB', { warmup: 0 }, {}, later)).pass).toBe(true)
    expect(calls).toBe(1)
  })

  test('stops watching when the function throws', () => {
    const error = new Error('mine')
    let stopped = 0
    machine.stopPeak = () => {
      stopped++
    }
    const fail = () => {
      throw error
    }
    expect(() => check('5MB', { warmup: 0 }, {}, fail)).toThrow(error)
    expect(stopped).toBe(1)
  })

  test.each<[Size, object, string]>([
    [0, {}, 'limit: no function can hold less than 0'],
    [5, { domain: 'heap' }, 'unknown option "domain"'],
  ])('refuses %j with %j', (limit, options, message) => {
    expect(() => check(limit, options)).toThrow(`toPeakBelow: ${message}`)
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { allocateNothing } from '../../../src/core/expect/allocate-nothing.js'
import type { MatcherResult } from '../../../src/core/expect/matcher.js'
import type { NothingOptions } from '../../../src/core/expect/options.js'
import { measuringState } from '../../../src/core/measure/state.js'
import { allocating, FakeMachine, siteOf } from '../measure/fake.js'

let machine: FakeMachine

beforeEach(() => {
  machine = new FakeMachine()
  Object.assign(measuringState(), { active: false, settledAt: 0, awaitCost: undefined })
})

function check(received: unknown, options?: NothingOptions, isNot = false): MatcherResult {
  const context = { isNot, root: '/project', cwd: '/project' }
  return allocateNothing(received, options, context, machine) as MatcherResult
}

describe('toAllocateNothing', () => {
  test('passes with the first call of 0 bytes, after ten that do not count', () => {
    const fn = allocating(machine, ...new Array(10).fill(5000), 0)
    expect(check(fn).pass).toBe(true)
    expect(fn.calls).toBe(11)
  })

  test('tries ten times', () => {
    const fn = allocating(machine, ...new Array(19).fill(16), 0)
    expect(check(fn).pass).toBe(true)
    expect(check(allocating(machine, 16)).pass).toBe(false)
  })

  test('one byte in a buffer is too much', () => {
    expect(check(() => machine.buffers(1)).pass).toBe(false)
    expect(check(() => machine.buffers(1), { domain: 'heap' }).pass).toBe(true)
  })

  test('a reading below 0 is nothing that a function can do', () => {
    expect(check(allocating(machine, -100)).pass).toBe(false)
  })

  test('a call in which V8 collected the whole heap does not count, in either direction', () => {
    let calls = 0
    const fn = () => {
      if (calls++ % 2 === 0) machine.collect('major')
      else machine.heap(16)
    }
    expect(check(fn, { warmup: 0, runs: 3 }).pass).toBe(false)
  })

  test('says what was allocated, and where', () => {
    machine.found = [siteOf({ function: 'next', self: 48, total: 48, allocations: 1 })]
    expect(check(allocating(machine, 48)).message()).toMatchInlineSnapshot(`
      "expect(received).toAllocateNothing()

          limit       0 B
          allocated   48 B in ~1 allocation   (exact; no collections)
                      48 B heap, 0 B array buffers

           self           total
           48 B   100 %    48 B   100 %   next   src/f.ts:1:1
          (every allocation was recorded)"
    `)
  })

  test('says so when it should allocate', () => {
    const { pass, message } = check(() => {}, undefined, true)
    expect(pass).toBe(true)
    expect(message()).toMatchInlineSnapshot(`
      "expect(received).not.toAllocateNothing()

          limit       more than 0 B
          allocated   0 B   (exact; no collections)
                      0 B heap, 0 B array buffers"
    `)
  })

  test('waits for asynchronous functions', async () => {
    const fn = async () => {
      await null
      machine.heap(32)
    }
    expect((await check(fn)).pass).toBe(false)
    expect((await check(async () => {})).pass).toBe(true)
  })

  test.each([
    ['5MB', 'toAllocateNothing: expected an object with options, received "5MB"'],
    [{ limit: 1 }, 'toAllocateNothing: unknown option "limit"'],
    [{ domain: 'stack' }, "toAllocateNothing: domain must be 'heap', 'arrayBuffer' or 'native'"],
  ])('refuses %j', (options, message) => {
    expect(() => check(() => {}, options as NothingOptions)).toThrow(message)
  })
})

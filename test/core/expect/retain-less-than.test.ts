import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HeapproofError } from '../../../src/core/errors.js'
import type { MatcherContext, MatcherResult } from '../../../src/core/expect/matcher.js'
import type { RetainOptions } from '../../../src/core/expect/options.js'
import { retainLessThan } from '../../../src/core/expect/retain-less-than.js'
import { measuringState } from '../../../src/core/measure/state.js'
import type { Size } from '../../../src/core/text/bytes.js'
import { FakeMachine, siteOf } from '../measure/fake.js'

let machine: FakeMachine
let directory: string

beforeEach(() => {
  machine = new FakeMachine()
  directory = mkdtempSync(join(tmpdir(), 'heapproof-test-'))
  Object.assign(measuringState(), { active: false, settledAt: 0, awaitCost: undefined })
})
afterEach(() => rmSync(directory, { recursive: true }))

const check = (
  received: unknown,
  limit: Size,
  options?: RetainOptions,
  more: Partial<MatcherContext> = {},
): Promise<MatcherResult> =>
  retainLessThan(
    received,
    limit,
    options,
    { isNot: false, root: '/project', cwd: '/project', ...more },
    machine,
  )

const retaining =
  (heap: number, buffers = 0) =>
  () => {
    machine.clock += 2
    machine.retain(heap)
    machine.buffers(buffers)
  }
const sites = [
  siteOf({
    function: 'set',
    file: '/project/src/cache.ts',
    line: 14,
    column: 9,
    self: 9000,
    live: 8200,
    error: 0.02,
  }),
  siteOf({ function: 'parse', self: 90_000, live: 0 }),
  siteOf({ function: 'read', line: 7, self: 1000, live: 1000, error: 0.05, domain: 'arrayBuffer' }),
]
const started = () => machine.events.filter((event) => event.startsWith('start'))

describe('toRetainLessThan', () => {
  test('passes below the limit, without a profile', async () => {
    expect(await check(retaining(10), '1kB')).toMatchObject({ pass: true })
    expect(started()).toEqual([])
  })

  test('fails with the lines whose allocations are still live after a full collection', async () => {
    machine.found = sites
    const keepAt = () => join(directory, 'leaks')
    const { pass, message } = await check(retaining(4000, 500), '1kB', undefined, { keepAt })
    expect(pass).toBe(false)
    expect(message().replaceAll(directory, 'ROOT')).toMatchInlineSnapshot(`
      "expect(received).toRetainLessThan("1kB")

          limit      1 kB a call
          retained   4.5 kB a call   (4.5 kB to 4.5 kB, by 8 rounds of 20 calls; it grew in each)
                     4 kB heap, 500 B array buffers

             live
           8.2 kB   89 %   set    src/cache.ts:14:9
             1 kB   11 %   read   src/f.ts:7:1 (array buffer)
          (what 20 calls left behind, after a full collection; sampled every 45 B, ±4 %)

          Profile: ROOT/leaks
          Open it: npx heapproof top ROOT/leaks"
    `)
    expect(readdirSync(directory)).toHaveLength(2)
    // 20 calls that retain 4500 bytes: 2000 samples of them.
    expect(started()).toEqual(['start 45'])
    expect(machine.events.slice(-4)).toEqual(['collect', 'collect', 'stop', 'read'])
  })

  test('looks for no lines when it is told not to', async () => {
    const { message } = await check(retaining(4000), 1000, { sample: false, runs: 5, rounds: 5 })
    expect(message()).toMatchInlineSnapshot(`
      "expect(received).toRetainLessThan(1000)

          limit      1 kB a call
          retained   4 kB a call   (4 kB to 4 kB, by 5 rounds of 5 calls; it grew in each)
                     4 kB heap, 0 B array buffers"
    `)
    expect(started()).toEqual([])
  })

  test('the interval can be given', async () => {
    await check(retaining(4000), 1000, { samplingInterval: 512 })
    expect(started()).toEqual(['start 512'])
  })

  test('.not fails below the limit with the mirrored sentence', async () => {
    const { pass, message } = await check(retaining(10), '1KiB', undefined, { isNot: true })
    expect(pass).toBe(true)
    expect(message()).toMatchInlineSnapshot(`
      "expect(received).not.toRetainLessThan("1KiB")

          limit      at least 1 KiB a call
          retained   10 B a call   (10 B to 10 B, by 5 rounds of 10 calls; it grew in each)
                     10 B heap, 0 B array buffers"
    `)
    expect((await check(retaining(5000), '1KiB', undefined, { isNot: true })).pass).toBe(false)
    expect(started()).toEqual([])
  })

  test.each([false, true])('when it cannot be told it fails and says so (.not: %s)', async (isNot) => {
    let now = 0
    const parts = [0.1, 0.9, 0.4, 0.2, 0.7, 1, 0.3, 0.8, 0, 0.6, 0.5]
    let reading = 0
    machine.onTurn = () => {
      const next = 1e6 * (parts[reading++ % parts.length] as number)
      machine.retain(next - now)
      now = next
    }
    const { pass, message } = await check(retaining(0), 50, { runs: 2 }, { isNot })
    expect(pass).toBe(isNot)
    expect(message()).toMatch(
      /\n {4}limit {6}(at least )?50 B a call\n {4}retained {3}cannot tell: between -?[\d.]+ kB and [\d.]+ kB a call, by 8 rounds of 2 calls\n {15}The noise is larger than the limit: give one above [\d.]+ kB, or more calls a round with the option runs\.$/,
    )
  })

  test('gives the verdict when the sampler refuses', async () => {
    machine.refuseToStart = new HeapproofError('sampler-busy', 'somebody else is sampling')
    const { message } = await check(retaining(4000), 1000)
    expect(message()).toContain('No allocation sites: somebody else is sampling.')
  })

  test('follows native memory while it is asked for, and not while it records', async () => {
    const native = () => {
      machine.clock += 2
      machine.liveNativeBytes += 700
    }
    const { pass, message } = await check(native, 100, { domain: ['native'] })
    expect(pass).toBe(false)
    expect(message()).toContain('0 B heap, 0 B array buffers, 700 B native')
    const events = machine.events.filter((event) => event !== 'collect')
    expect(events).toEqual([
      'follow native',
      'follow native no more',
      'start 16 native',
      'stop',
      'read',
      'follow native',
      'follow native no more',
    ])
  })

  test('lines may be ignored: what is left is estimated from what is live', async () => {
    machine.found = sites
    const ignore = 'src/cache.ts'
    // 8200 of 9200 live bytes are ignored: heap all, buffers none of it.
    expect((await check(retaining(4000), 1000, { ignore })).pass).toBe(true)
    const { pass, message } = await check(retaining(4000, 3000), 1000, { ignore })
    expect(pass).toBe(false)
    expect(message()).toMatchInlineSnapshot(`
      "expect(received).toRetainLessThan(1000)

          limit      1 kB a call
          retained   3 kB ±0 B a call   (sampled; 1 ignored line, 4 kB a call, taken out)
          in all     7 kB a call   (7 kB to 7 kB, by 8 rounds of 20 calls; it grew in each)
                     4 kB heap, 3 kB array buffers

           live
           1 kB   100 %   read   src/f.ts:7:1 (array buffer)
          (what 20 calls left behind, after a full collection; sampled every 70 B, ±10 %)"
    `)
  })
})

describe('mistakes', () => {
  test.each([
    [42, 'toRetainLessThan: expected a function, received 42'],
    [
      Promise.resolve(),
      'toRetainLessThan: expected a function, received a promise, whose work has begun already',
    ],
  ])('a received %o', async (received, message) => {
    await expect(check(received, 1000)).rejects.toThrow(message)
  })

  test('what is behind .resolves', async () => {
    await expect(check(42, 1000, undefined, { promise: 'resolves' })).rejects.toThrow(
      'toRetainLessThan: .resolves gave 42, and no function that could be called and measured; leave .resolves out: ' +
        'await expect(() => ...).toRetainLessThan(...)',
    )
  })

  test('a limit of nothing', async () => {
    await expect(check(() => {}, 0)).rejects.toThrow(
      'toRetainLessThan: limit: no function can retain less than 0; a limit of 1 byte demands that it retains nothing',
    )
  })

  test.each<[object, string]>([
    [{ round: 5 }, 'unknown option "round"; did you mean "rounds"?'],
    [{ rounds: 4 }, 'rounds must be a whole number from 5 to 1000, received 4'],
    [{ ignore: '*', samplingInterval: 1000 }, 'the limit is too fine for a samplingInterval of 1000'],
  ])('options %j', async (options, message) => {
    await expect(check(() => {}, 1000, options)).rejects.toThrow(`toRetainLessThan: ${message}`)
  })

  test('an exception of the function comes through unchanged', async () => {
    const error = new Error('mine')
    await expect(check(() => Promise.reject(error), 1000)).rejects.toBe(error)
    expect(measuringState().active).toBe(false)
  })
})

import * as threads from 'node:worker_threads'
import { beforeEach, describe, expect, test } from 'vitest'
import { COUNTER } from '../../../src/core/addon.js'
import type { BracketAddon } from '../../../src/core/bracket/attempt.js'
import { heapLimit } from '../../../src/core/bracket/heap-limit.js'
import { readLimits } from '../../../src/core/bracket/limits.js'
import type { TestRecord } from '../../../src/core/bracket/record.js'
import { chooseRecord } from '../../../src/core/bracket/record-of.js'
import { aroundBody, runTry } from '../../../src/core/bracket/run-try.js'
import { bracketState } from '../../../src/core/bracket/state.js'
import { beginAside, endAside, keepAside } from '../../../src/core/measure/aside.js'
import { tests } from '../../../src/core/measure/tests.js'

/** An addon whose counters are what a test says. */
class FakeAddon implements BracketAddon {
  readonly counters = new Float64Array(16)
  collected = 0
  refusal: string | undefined
  readCounters(into: Float64Array) {
    into.set(this.counters)
  }
  /** Where worker threads report. */
  workers: SharedArrayBuffer | undefined
  addWorkers(shared: SharedArrayBuffer | undefined) {
    this.workers = shared
  }
  postponed = 0
  postponeCollections() {
    this.postponed++
  }
  beginPage() {}
  collectGarbage() {
    this.collected++
  }
  countNative() {
    return this.refusal
  }
  startPeak() {
    return undefined
  }
  stopPeak(into: Float64Array) {
    into.set([3000, 2000])
  }
  /** Buffers, since V8's own bytes are taken out of the heap's, and those are real here. */
  allocate(bytes: number) {
    this.add('arrayBufferBytes', bytes)
  }
  churn(bytes: number) {
    this.allocate(bytes)
    this.add('arrayBufferFreedBytes', bytes)
  }
  add(name: keyof typeof COUNTER, by: number) {
    this.counters[COUNTER[name]] = (this.counters[COUNTER[name]] as number) + by
  }
}

let addon: FakeAddon
beforeEach(() => {
  addon = new FakeAddon()
  Object.assign(bracketState(), { emptyCost: undefined, onStack: undefined })
  bracketState().active.clear()
  bracketState().running.clear()
  // There is one for each isolate, and it keeps the first addon that it gets.
  delete (globalThis as { [key: symbol]: unknown })[Symbol.for('heapproof.aside')]
  keepAside(addon)
})

const bracket = (steady = false) => ({
  addon,
  profiling: undefined,
  root: '/project',
  cwd: '/project',
  steady,
  configuredBy: 'heapproof()',
})

type Body = () => unknown

/** Runs a body as a runner does. */
function run(body: Body, limits = {}, name = 'a test') {
  const key = { name }
  const test = {
    key,
    file: '/project/a.test.ts',
    name,
    bodyIsKnown: true,
    limits: readLimits('l', limits, false),
  }
  const call = () => {
    addon.churn(1e6) // what comes before the body
    const returned = aroundBody(key, body, undefined, [])
    addon.churn(1e6)
    return returned
  }
  return runTry(test, call, bracket())
}

const pause = (milliseconds = 1) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

describe('a try', () => {
  test('counts its body alone', async () => {
    const { record, failure, threw } = await run(() => addon.allocate(100))
    expect(record).toMatchObject({
      allocated: 100,
      arrayBuffers: 100,
      certainty: 'exact',
      limits: [],
      sites: [],
    })
    expect([failure, threw]).toEqual([undefined, false])
  })

  test('counts a body that waits without what the runner does meanwhile', async () => {
    const { record } = await run(async () => {
      addon.allocate(100)
      await null
      addon.allocate(20)
      await pause()
      addon.allocate(3)
    })
    expect(record).toMatchObject({ allocated: 123, certainty: 'exact' })
  })

  test('does not count what is measured inside', async () => {
    const { record } = await run(async () => {
      addon.allocate(100)
      beginAside()
      addon.allocate(5000)
      endAside()
      await pause()
      beginAside()
      addon.allocate(5000)
      await pause()
      endAside()
      addon.allocate(10)
    })
    expect(record.allocated).toBe(110)
  })

  test.each(['throws', 'rejects'])('that %s is measured, and hands on its error', async (how) => {
    const error = new Error('mine')
    const result = await run(() => {
      addon.allocate(100)
      if (how === 'throws') throw error
      return Promise.reject(error)
    })
    expect(result).toMatchObject({ threw: true, error, failure: undefined, record: { allocated: 100 } })
  })

  test('counts worker threads as long as its body runs, when that is asked for', async () => {
    const taken = threads.Worker
    const seen: unknown[] = []
    const body = async () => {
      await pause()
      seen.push(addon.workers, threads.Worker === taken)
    }
    expect((await run(body)).record.workers).toBeUndefined()
    expect((await run(body, { allocated: '1MB', workers: true })).record.workers).toBe(0)
    await run(async () => {
      heapLimit({ workers: true })
      await body()
    })
    expect(seen).toEqual([
      undefined,
      true,
      ...Array(2)
        .fill([expect.any(SharedArrayBuffer), false])
        .flat(),
    ])
    expect([addon.workers, threads.Worker]).toEqual([undefined, taken])
  })

  test('does not know what worker threads take that it cannot count', async () => {
    const { Worker } = threads
    const { record, failure } = await run(() => void new Worker('', { eval: true }), {
      allocated: '1MB',
      workers: true,
    })
    expect(record).toMatchObject({
      certainty: 'unknown',
      reason: expect.stringMatching(/^1 worker thread could not be counted, because the program has taken/),
      limits: [{ verdict: 'cannot-tell' }],
    })
    expect(failure).toBeUndefined()
  })

  test('puts collections off when it is to be steady', async () => {
    const test = { key: {}, file: '/project/a', name: 'a', bodyIsKnown: false, limits: new Map() }
    await runTry(test, () => {}, bracket(false))
    expect(addon.postponed).toBe(0)
    await runTry(test, () => expect(addon.postponed).toBe(1), bracket(true))
    expect(addon.postponed).toBe(1)
  })

  test('says what disturbed it', async () => {
    const { record } = await run(() => addon.add('majorCollections', 1))
    expect(record).toMatchObject({ certainty: 'approximate', reason: 'V8 was collecting the whole heap' })
  })

  test('whose body is not known is measured with what is around it', async () => {
    const test = { key: {}, file: '/project/a', name: 'a', bodyIsKnown: false, limits: new Map() }
    const { record } = await runTry(test, () => addon.allocate(100), bracket())
    expect(record).toMatchObject({ allocated: 100, certainty: 'approximate' })
  })

  test('whose body never ran is unknown', async () => {
    const test = { key: {}, file: '/project/a', name: 'a', bodyIsKnown: true, limits: new Map() }
    const { record } = await runTry(test, () => {}, bracket())
    expect(record).toMatchObject({ certainty: 'unknown', reason: 'its body was not seen' })
  })

  test('that is no longer waited for is measured until then, and overlaps what comes', async () => {
    let release = () => {}
    const endless = new Promise<void>((resolve) => {
      release = resolve
    })
    const key = {}
    const test = { key, file: '/project/a', name: 'a', bodyIsKnown: true, limits: new Map() }
    const body = async () => {
      addon.allocate(100)
      await endless
    }
    const { record } = await runTry(
      test,
      () =>
        Promise.race([
          aroundBody(key, body, undefined, []),
          pause().then(() => Promise.reject(new Error('time'))),
        ]),
      bracket(),
    )
    expect(record).toMatchObject({ allocated: 100, reason: 'its body was still running' })
    expect((await run(() => pause())).record.certainty).toBe('unknown')
    expect((await run(() => addon.allocate(1))).record.certainty).toBe('exact')
    release()
    await pause()
    expect((await run(() => pause())).record.certainty).toBe('exact')
    expect(bracketState().active.size).toBe(0)
  })

  test('is known to what measures beside it', async () => {
    const { running, begun } = tests()
    await run(() => expect([running.size, tests().begun]).toEqual([1, begun + 1]))
    expect(running.size).toBe(0)
  })

  test('overlaps with another, and both say so, unless they do not wait', async () => {
    const results = await Promise.all([
      run(() => pause(5), { allocated: 5 }, 'one'),
      run(() => pause(5), {}, 'two'),
      run(() => addon.allocate(7), { allocated: 10 }, 'three'),
    ])
    const certainties = results.map(({ record }) => record.certainty)
    expect(certainties).toEqual(['unknown', 'unknown', 'exact'])
    expect(results[0]).toMatchObject({ failure: undefined, record: { limits: [{ verdict: 'cannot-tell' }] } })
    expect(results[2]?.record.limits).toMatchObject([{ verdict: 'kept', measured: 7 }])
  })
})

describe('a limit', () => {
  test('fails a test, with numbers', async () => {
    const { failure, record } = await run(() => addon.allocate(2_000_000), { allocated: '1MB' })
    expect(failure?.code).toBe('limit-exceeded')
    expect(failure?.message).toBe(
      [
        'over the limits in the options of heapproof(): {"allocated": "1MB"}',
        '    limit       1 MB\n    allocated   2 MB   (exact; no collections)\n                0 B heap, 2 MB array buffers',
      ].join('\n\n'),
    )
    expect(record.limits).toEqual([
      { kind: 'allocated', limit: 1_000_000, measured: 2_000_000, verdict: 'exceeded' },
    ])
  })

  test('shows every byte when three digits hide the difference', async () => {
    const { failure } = await run(() => addon.allocate(1_000_040), { allocated: '1MB' })
    expect(failure?.message).toContain('limit       1,000,000 B\n    allocated   1,000,040 B')
  })

  test('on what is allocated or native collects nothing: tests would be slower for it', async () => {
    addon.add('markings', 1)
    await run(() => addon.allocate(300), { allocated: 300, native: 300 })
    addon.add('majorCollections', 1)
    await run(() => {})
    expect(addon.collected).toBe(0)
  })

  test('of the test itself counts from the beginning, and replaces others', async () => {
    const body = () => {
      addon.allocate(100)
      heapLimit({ allocated: 150 })
      addon.allocate(100)
    }
    const { failure } = await run(body, { allocated: '5MB' })
    expect(failure?.message).toMatch(/^heapLimit\({"allocated": 150}\)/)
    expect(failure?.stack).toContain('run-try.test.ts')
  })

  test('that nothing is known about fails the test that set it', async () => {
    const results = await Promise.all([
      run(async () => {
        heapLimit({ allocated: '5MB' })
        await pause(5)
      }),
      run(() => pause(5), {}, 'two'),
    ])
    expect(results[0]?.failure?.message).toContain('cannot tell: another test ran at the same time')
  })

  test('on what is retained collects before and after, and leaves V8 64 KiB', async () => {
    const grow = (bytes: number) => run(() => addon.add('heapUsed', bytes), { retained: 0 })
    expect((await grow(65_536)).record).toMatchObject({ retained: 0, limits: [{ verdict: 'kept' }] })
    expect(addon.collected).toBeGreaterThanOrEqual(2)
    const { failure, record } = await grow(65_537)
    expect(record).toMatchObject({ retained: 65_537, limits: [{ verdict: 'exceeded' }] })
    expect(failure?.message).toContain('retained    65.5 kB   (exact)')
  })

  test.each([
    ['that does not wait', 1_000_000, 0, false, 64],
    ['that waits', 1_000_000, 0, true, 128],
    ['that waits within a page', 250_000, 0, true, 48],
    ['with a collection inside', 1_000_000, 1, false, 256],
  ])(
    'on a body %s leaves room for what differs from run to run',
    async (_, bytes, collections, waits, kib) => {
      const body = () => {
        addon.add('heapBytes', bytes)
        addon.add('youngBytes', bytes)
        addon.add('collections', collections)
        return waits ? pause() : undefined
      }
      const verdict = async (allocated: number) => (await run(body, { allocated })).record.limits[0]?.verdict
      const certain = bytes - kib * 1024
      expect([await verdict(certain - 1000), await verdict(certain + 1000), await verdict(bytes)]).toEqual([
        'exceeded',
        'cannot-tell',
        'kept',
      ])
    },
  )

  test('on the peak knows bounds', async () => {
    const verdict = async (peak: number) => (await run(() => {}, { peak })).record.limits[0]?.verdict
    expect([await verdict(1999), await verdict(2000), await verdict(3000)]).toEqual([
      'exceeded',
      'cannot-tell',
      'kept',
    ])
  })

  test('on native memory is refused where that cannot be counted', async () => {
    expect((await run(() => addon.add('nativeBytes', 50), { native: 49 })).failure?.message).toContain(
      'native',
    )
    addon.refusal = 'unsupported: not here'
    const result = await run(() => {}, { native: 5 })
    expect(result.failure).toBeUndefined()
    expect(result.record).toMatchObject({ native: undefined, limits: [{ verdict: 'cannot-tell' }] })
    const own = await run(() => heapLimit({ native: 5 }))
    expect(own.failure?.message).toContain('native      cannot tell: unsupported: not here')
  })

  test('outside of a test is refused', () => {
    expect(() => heapLimit({ allocated: 5 })).toThrow('heapLimit(): no test is being measured here')
    expect(() => heapLimit({ allocate: 5 } as never)).toThrow('did you mean "allocated"?')
  })
})

describe('of several repetitions', () => {
  const record = (allocated: number, certainty = 'exact', verdict?: string) =>
    ({ allocated, certainty, limits: verdict === undefined ? [] : [{ verdict }] }) as unknown as TestRecord

  test.each([
    ['the least', [record(3), record(1), record(2)], 1],
    ['one that broke a limit', [record(3), record(1), record(2, 'exact', 'exceeded')], 2],
    ['one that is known', [record(3), record(1, 'unknown')], 3],
    ['any, when none is known', [record(3, 'unknown')], 3],
  ])('%s is reported', (_, records, allocated) => {
    expect(chooseRecord(records)?.allocated).toBe(allocated)
  })
})

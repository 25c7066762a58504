import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { COUNTER } from '../../../src/core/addon.js'
import { HeapproofError } from '../../../src/core/errors.js'
import { drive } from '../../../src/core/measure/drive.js'
import { measuring } from '../../../src/core/measure/measure.js'
import type { Measurement } from '../../../src/core/measure/measurement.js'
import type { MeasureOptions } from '../../../src/core/measure/options.js'
import { intervalFor } from '../../../src/core/measure/sample.js'
import { measuringState } from '../../../src/core/measure/state.js'
import { tests } from '../../../src/core/measure/tests.js'
import { allocating, FakeMachine, siteOf } from './fake.js'

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

const run = (fn: () => unknown, options: MeasureOptions = {}) => drive(measuring(fn, options, machine))
const runSync = (fn: () => unknown, options: MeasureOptions = {}) => run(fn, options) as Measurement
const counted = { sample: false }

describe('counting', () => {
  test('warms up once, counts three times, reports the least confirmed', () => {
    const fn = allocating(machine, 90_000, 6000, 5000, 5010)
    expect(runSync(fn, counted)).toEqual({
      allocated: 5000,
      heap: 5000,
      arrayBuffers: 0,
      native: undefined,
      allocations: undefined,
      collections: 0,
      exact: true,
      sites: [],
      samplingInterval: undefined,
      samplingError: undefined,
      profile: undefined,
      readings: [6000, 5000, 5010].map((heap) => ({
        heap,
        doubt: 0,
        arrayBuffers: 0,
        native: 0,
        collections: 0,
        majorCollections: 0,
        markings: 0,
      })),
    })
    expect(fn.calls).toBe(4)
  })

  test('calls as often as it is told', () => {
    const fn = allocating(machine, 100)
    runSync(fn, { ...counted, warmup: 0, runs: 1 })
    expect(fn.calls).toBe(1)
    runSync(fn, { ...counted, warmup: 5, runs: 10 })
    expect(fn.calls).toBe(16)
  })

  test('adds array buffers to the heap, and counts collections', () => {
    const fn = () => {
      machine.heap(40)
      machine.buffers(1000)
      machine.collect('minor')
    }
    const measurement = runSync(fn, counted)
    expect(measurement).toMatchObject({
      allocated: 1040,
      heap: 40,
      arrayBuffers: 1000,
      collections: 1,
      exact: true,
    })
  })

  test('passes no arguments and keeps nothing of the result', () => {
    const seen: unknown[][] = []
    const fn = (...given: unknown[]) => seen.push(given)
    runSync(fn as () => unknown, counted)
    expect(seen).toEqual([[], [], [], []])
  })

  test('a negative reading is reported as nothing, and not as exact', () => {
    expect(runSync(allocating(machine, -500), counted)).toMatchObject({ allocated: 0, heap: 0, exact: false })
  })

  test('and takes nothing off what the ArrayBuffers are', () => {
    const allocate = allocating(machine, -500)
    const fn = () => {
      machine.counters[COUNTER.arrayBufferBytes] =
        (machine.counters[COUNTER.arrayBufferBytes] as number) + 7000
      allocate()
    }
    expect(runSync(fn, counted)).toMatchObject({
      allocated: 7000,
      heap: 0,
      arrayBuffers: 7000,
      exact: false,
    })
  })
})

describe('settling', () => {
  test('forces no collection when there was none', () => {
    runSync(allocating(machine, 1), counted)
    expect(machine.events).toEqual([])
  })

  test('forces one before the calls when a full collection ran since, and not again', () => {
    machine.collect('major')
    runSync(allocating(machine, 1), counted)
    runSync(allocating(machine, 1), counted)
    expect(machine.events).toEqual(['collect'])
  })

  test('forces one when V8 has begun to mark', () => {
    machine.beginToMark()
    runSync(allocating(machine, 1), counted)
    runSync(allocating(machine, 1), counted)
    expect(machine.events).toEqual(['collect'])
  })

  test('a call with a full collection inside is replaced', () => {
    let calls = 0
    const fn = () => {
      machine.heap(calls === 1 ? 900_000 : 100)
      if (calls++ === 1) machine.collect('major')
    }
    expect(runSync(fn, { ...counted, runs: 1 })).toMatchObject({ allocated: 100, exact: true })
    expect(calls).toBe(3)
  })

  test('is not exact when V8 begins to mark inside', () => {
    const fn = () => machine.beginToMark()
    expect(runSync(fn, { ...counted, warmup: 0, runs: 1 })).toMatchObject({ exact: false, collections: 0 })
  })

  test('forces one the first time, because nobody knows what was before', () => {
    measuringState().settledAt = undefined
    runSync(allocating(machine, 1), counted)
    expect(machine.events).toEqual(['collect'])
  })

  test('forces one after each call in which a full collection ran', () => {
    const fn = () => machine.collect('major')
    expect(runSync(fn, counted)).toMatchObject({ exact: false, collections: 1 })
    // Three calls that count, and three before that they might have replaced.
    expect(machine.events).toEqual(new Array(6).fill('collect'))
  })
})

describe('asynchronous functions', () => {
  test('count until they settle', async () => {
    const fn = async () => {
      machine.heap(100)
      await null
      machine.heap(200)
      await null
      machine.buffers(50)
    }
    expect(await run(fn, counted)).toMatchObject({ allocated: 350, heap: 300, arrayBuffers: 50 })
  })

  test('what waiting costs is taken off, down to 0', async () => {
    measuringState().awaitCost = {
      heap: 250,
      doubt: 0,
      arrayBuffers: 0,
      native: 0,
      collections: 0,
      majorCollections: 0,
      markings: 0,
    }
    const fn = async () => machine.heap(300)
    expect(await run(fn, counted)).toMatchObject({ heap: 50 })
    expect(await run(async () => machine.heap(200), counted)).toMatchObject({ heap: 0, exact: true })
    expect(await run(async () => machine.heap(-200), counted)).toMatchObject({ heap: 0, exact: false })
  })

  test('any thenable will do', async () => {
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is the subject
      then(resolve: (value: unknown) => void) {
        machine.heap(70)
        resolve(undefined)
      },
    }
    expect(await run(() => thenable, counted)).toMatchObject({ heap: 70 })
  })
})

describe('errors of the function', () => {
  test.each([0, 1, 2, 3, 4])('come through unchanged when call %i throws', (failing) => {
    const error = new TypeError('mine')
    let calls = 0
    const fn = () => {
      if (calls++ === failing) throw error
    }
    const fileBase = join(directory, 'profile')
    expect(() => runSync(fn, { fileBase })).toThrow(error)
    expect(machine.recording).toBe(false)
    expect(readdirSync(directory)).toEqual([])
    expect(measuringState().active).toBe(false)
  })

  test.each([0, 1, 2, 3, 4])('come through unchanged when call %i rejects', async (failing) => {
    const error = { not: 'even an error' }
    let calls = 0
    const fn = async () => {
      await null
      if (calls++ === failing) throw error
    }
    await expect(run(fn, { fileBase: join(directory, 'profile') })).rejects.toBe(error)
    expect(machine.recording).toBe(false)
    expect(readdirSync(directory)).toEqual([])
    expect(measuringState().active).toBe(false)
  })

  test('win over what the sampler has to complain about', () => {
    machine.refuseToStop = new HeapproofError('sampler-failed', 'the disk is full')
    const fn = () => {
      if (machine.recording) throw new Error('mine')
    }
    expect(() => runSync(fn)).toThrow('mine')
    expect(() => runSync(() => {})).toThrow('the disk is full')
  })
})

describe('sampling', () => {
  const sites = [
    siteOf({ self: 6000, allocations: 100.4, error: 0.03 }),
    siteOf({ self: 2000, allocations: 50.2, error: 0.04 }),
  ]

  test('one call more, read and removed', () => {
    machine.found = sites
    const fn = allocating(machine, 5_000_000)
    const measurement = runSync(fn)
    expect(fn.calls).toBe(5)
    expect(machine.events).toEqual(['start 500', 'stop', 'read'])
    expect(measurement).toMatchObject({ allocations: 151, samplingInterval: 500, profile: undefined, sites })
    // sqrt(180^2 + 80^2) bytes of 8000
    expect(measurement.samplingError).toBeCloseTo(0.0246, 4)
  })

  test('when code had to be thrown away first, another call compiles it again', () => {
    machine.throwsCodeAway = true
    const fn = allocating(machine, 5_000_000)
    runSync(fn)
    expect(fn.calls).toBe(6)
  })

  test('sites share out what was counted, not what the sampled call allocated', () => {
    machine.found = sites
    const { sites: found, allocations } = runSync(allocating(machine, 4000))
    expect(found.map(({ self }) => self)).toEqual([3000, 1000])
    expect(allocations).toBe(151)
  })

  test('nothing sampled has no error', () => {
    expect(runSync(() => {})).toMatchObject({ allocations: 0, samplingError: 0, samplingInterval: 1 })
  })

  test.each([
    [0, 1],
    [1999, 1],
    [2000, 16],
    [160_000, 16],
    [170_000, 17],
    [1_999_999, 199],
    [1e9, 100_000],
    [1e12, 512 * 1024],
  ])('work of %d bytes is sampled every %d', (bytes, interval) => {
    expect(intervalFor(bytes)).toBe(interval)
  })

  test('the interval can be given', () => {
    runSync(() => {}, { samplingInterval: 4096 })
    expect(machine.events[0]).toBe('start 4096')
  })

  test('the profile stays where it was asked for', () => {
    const fileBase = join(directory, 'profile')
    expect(runSync(() => {}, { fileBase }).profile).toBe(fileBase)
    expect(readdirSync(directory).sort()).toEqual(['profile.hpd', 'profile.hpm'])
    expect(runSync(() => {}, { fileBase, keep: false }).profile).toBeUndefined()
    expect(readdirSync(directory)).toEqual([])
  })

  test('the profile stays in the temporary directory when it is to be kept', () => {
    const { profile = '' } = runSync(() => {}, { keep: true })
    expect(existsSync(`${profile}.hpm`)).toBe(true)
    rmSync(join(profile, '..'), { recursive: true })
  })

  test('a former profile survives a recording that cannot start', () => {
    const fileBase = join(directory, 'profile')
    writeFileSync(`${fileBase}.hpm`, 'former')
    machine.refuseToStart = new HeapproofError('sampler-busy', 'no')
    expect(() => runSync(() => {}, { fileBase })).toThrow('no')
    expect(readdirSync(directory)).toEqual(['profile.hpm'])
  })

  test('is refused before the first call while a recording is under way', () => {
    machine.recording = true
    const fn = allocating(machine, 1)
    expect(() => run(fn)).toThrow(expect.objectContaining({ code: 'already-profiling' }))
    expect(fn.calls).toBe(0)
    expect(runSync(fn, counted).allocated).toBe(1)
  })
})

describe('one at a time', () => {
  /** A measurement that waits until it is told to go on. */
  function waiting() {
    let release = () => {}
    const ended = run(() => new Promise<void>((resolve) => (release = resolve)), {
      ...counted,
      warmup: 0,
      runs: 1,
    })
    return { ended: ended as Promise<Measurement>, release: () => release() }
  }
  const overlap = expect.objectContaining({ code: 'overlap' })

  test('the second is refused before its first call, and so is one inside of another', async () => {
    const { ended, release } = waiting()
    const second = allocating(machine, 5)
    expect(() => run(second, counted)).toThrow(overlap)
    expect(second.calls).toBe(0)
    release()
    await ended
    const nested = () => run(second, counted)
    expect(() => run(nested, counted)).toThrow(overlap)
    expect(runSync(second, counted).allocated).toBe(5)
  })

  test('what waits is not measured while another test runs, what does not wait is', async () => {
    const { running } = tests()
    const [mine, other] = [{}, {}]
    running.add(mine)
    const before = waiting()
    before.release()
    await expect(before.ended).resolves.toMatchObject({ allocated: 0 })
    running.add(other)
    const beside = waiting()
    expect(runSync(allocating(machine, 500), counted).allocated).toBe(500) // as one of the other test
    expect(() => run(() => run(() => {}, counted), counted)).toThrow(overlap)
    expect(() => run(async () => {}, counted)).toThrow(overlap)
    beside.release()
    await expect(beside.ended).rejects.toThrow(
      /^measure: cannot tell: another test ran while this one waited, /,
    )
    running.delete(other)
    const meanwhile = waiting()
    tests().begun++
    meanwhile.release()
    await expect(meanwhile.ended).rejects.toMatchObject({ code: 'overlap' })
    running.delete(mine)
  })
})

import { once } from 'node:events'
import * as threads from 'node:worker_threads'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { measure } from '../../../src/core/index.js'

const MEGABYTE = 1_000_000
const options = { workers: true, sample: false, warmup: 0, runs: 1 } as const
const taken = process.getBuiltinModule('node:worker_threads').Worker

/** What a thread does whose text this is, and how it is ended. */
const take = (megabytes: number) => `globalThis.kept = new Uint8Array(${megabytes} * 1e6)`
const run = async (text: string, more: threads.WorkerOptions = {}) => {
  const worker = new Worker(text, { eval: true, ...more })
  await once(worker, 'exit')
}

describe('buffers of threads are counted', () => {
  test('to the end of each', async () => {
    const { arrayBuffers, allocated, heap, workers } = await measure(async () => {
      await Promise.all([run(take(3)), run(take(4))])
    }, options)
    expect(workers).toBe(2)
    expect(arrayBuffers).toBeGreaterThanOrEqual(7 * MEGABYTE)
    expect(arrayBuffers).toBeLessThan(8 * MEGABYTE)
    expect(allocated).toBe(heap + arrayBuffers)
  })

  test.each([
    ['process.exit()', `${take(3)}; process.exit(1)`],
    [
      'a thread of its own',
      `new (require('node:worker_threads').Worker)(${JSON.stringify(take(3))}, { eval: true })`,
    ],
  ])('that ends by %s', async (_, text) => {
    const { arrayBuffers } = await measure(() => run(text), options)
    expect(arrayBuffers).toBeGreaterThanOrEqual(3 * MEGABYTE)
    expect(arrayBuffers).toBeLessThan(4 * MEGABYTE)
  })

  test('that is terminated', async () => {
    const { arrayBuffers, workers } = await measure(async () => {
      const text = `${take(3)}; require('node:worker_threads').parentPort.postMessage(1); setInterval(() => {}, 1e6)`
      const worker = new threads.Worker(text, { eval: true })
      await once(worker, 'message')
      await worker.terminate()
    }, options)
    expect(workers).toBe(1)
    expect(arrayBuffers).toBeGreaterThanOrEqual(3 * MEGABYTE)
  })

  test('with flags of its own, and environment variables', async () => {
    const text = `if (process.env.A !== 'b' || !process.execArgv.includes('--no-warnings')) throw new Error(); ${take(3)}`
    const { arrayBuffers } = await measure(
      () => run(text, { execArgv: ['--no-warnings'], env: { A: 'b' } }),
      options,
    )
    expect(arrayBuffers).toBeGreaterThanOrEqual(3 * MEGABYTE)
  })

  test('with flags of the process that a thread refuses', async () => {
    const flags = process.execArgv
    process.execArgv = [...flags, '--expose-gc', '--no-warnings']
    try {
      const { arrayBuffers } = await measure(() => run(take(3)), options)
      expect(arrayBuffers).toBeGreaterThanOrEqual(3 * MEGABYTE)
    } finally {
      process.execArgv = flags
    }
  })
})

test('objects of threads are counted: twice as many, twice as much', async () => {
  const of = async (count: number) => {
    const text = `globalThis.kept = []; for (let a = 0; a < ${count}; a++) kept.push({ a })`
    return (await measure(() => run(text), { ...options, runs: 3 })).heap
  }
  const [once, twice] = [await of(50_000), await of(100_000)]
  expect(twice - once).toBeGreaterThan(50_000 * 24)
  expect(twice - once).toBeLessThan(50_000 * 80)
})

test('without the option no thread counts, and a function without threads is as ever', async () => {
  expect((await measure(() => run(take(3)), { ...options, workers: false })).arrayBuffers).toBeLessThan(
    MEGABYTE,
  )
  const { workers, allocated } = await measure(() => {}, options)
  expect(workers).toBe(0)
  expect(allocated).toBeLessThan(4096)
})

test('what cannot be counted is an error', async () => {
  const started: threads.Worker[] = []
  const alive = `setInterval(() => {}, 1e6)`
  const fails = async (fn: () => unknown) => {
    const error = await measure(fn, options).catch((error: unknown) => error)
    await Promise.all(started.splice(0).map((worker) => worker.terminate()))
    return error
  }
  expect(await fails(() => void started.push(new Worker(alive, { eval: true })))).toMatchObject({
    code: 'not-counted',
    message: expect.stringMatching(
      /^measure: 1 worker thread that the function started still ran when it was over/,
    ),
  })
  expect(await fails(() => void started.push(new taken(alive, { eval: true })))).toMatchObject({
    code: 'not-counted',
    message: expect.stringMatching(
      /^measure: 1 worker thread could not be counted, because the program has taken/,
    ),
  })
  const broken = new Error('its own')
  expect(await fails(() => Promise.reject(broken))).toBe(broken)
  expect(await fails(() => new Worker('', { eval: true, execArgv: ['--no-such-flag'] }))).toMatchObject({
    code: 'ERR_WORKER_INVALID_EXEC_ARGV',
    message: expect.stringMatching(/: --no-such-flag$/),
  })
})

test('nothing stays behind', async () => {
  const listeners = process.listenerCount('worker')
  await measure(() => run(''), options)
  await measure(() => Promise.reject(new Error()), options).catch(() => {})
  expect(threads.Worker).toBe(taken)
  expect(Worker).toBe(taken)
  expect(threads.getEnvironmentData('heapproof.workers')).toBeUndefined()
  expect(process.listenerCount('worker')).toBe(listeners)
})

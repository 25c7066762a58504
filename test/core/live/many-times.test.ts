import { expect, test } from 'vitest'
import { getTracedMemory, isTracing } from '../../../src/core/live/memory.js'
import { takeSnapshot } from '../../../src/core/live/take-snapshot.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { folderWith, LIBRARY, node } from '../../support/command-line.js'

test('begun and ended 300 times, a live view leaves nothing behind in the process', () => {
  const handles = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = [process.listenerCount('exit'), handles()]
  let kept: unknown[] = []
  for (let round = 0; round < 300; round++) {
    start({ samplingInterval: 4096, stackDepth: 1 + (round % 20) })
    for (let i = 0; i < 200; i++) kept.push(new ArrayBuffer(1000))
    expect(getTracedMemory().current).toBeGreaterThan(0)
    if (round % 10 === 0) expect(takeSnapshot().traces.length).toBeGreaterThan(0)
    stop()
    kept = []
  }
  expect(isTracing()).toBe(false)
  expect([process.listenerCount('exit'), handles()]).toEqual(before)
})

test('profile_concurrent: workers trace, ask, begin and end without regard for each other', () => {
  const program = `
    const { Worker, isMainThread, threadId } = require('node:worker_threads')
    const { getTracedMemory, isTracing, start, stop, takeSnapshot } = require(${JSON.stringify(LIBRARY)})
    const kept = []
    let wrong = 0
    for (let round = 1; round <= 20; round++) {
      start({ samplingInterval: 1, domains: ['arrayBuffer'] })
      for (let i = 0; i < 100; i++) kept.push(new ArrayBuffer(1000 + threadId))
      const { current } = getTracedMemory()
      const own = takeSnapshot().traces.find(({ bytes }) => bytes === 100 * (1000 + threadId))
      if (own === undefined || current < own.bytes || !isTracing()) wrong++
      stop()
      if (isTracing()) wrong++
    }
    if (wrong > 0) console.log(threadId, wrong)
    if (isMainThread) for (let i = 0; i < 6; i++) new Worker(__filename)`
  expect(node(['main.js'], { cwd: folderWith({ 'main.js': program }) })).toMatchObject({
    code: 0,
    signal: null,
    stdout: '',
    stderr: '',
  })
})

test('an allocation of 0 bytes is none', () => {
  start({ samplingInterval: 1, domains: ['arrayBuffer'] })
  const kept = Array.from({ length: 100 }, () => new ArrayBuffer(0))
  expect(kept.length).toBe(100)
  const own = takeSnapshot().traces.filter(({ trace }) =>
    trace.frames.some(({ file }) => file.endsWith('many-times.test.ts')),
  )
  expect(own.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(0)
  stop()
})

test('a worker has a limit, a peak and bytes of its own', () => {
  const program = `
    const { Worker, isMainThread } = require('node:worker_threads')
    const heapproof = require(${JSON.stringify(LIBRARY)})
    const told = [heapproof.isTracing(), heapproof.getTracebackLimit()]
    const tell = () => {
      const { current, peak } = heapproof.getTracedMemory()
      told.push([heapproof.getTracebackLimit(), current, peak])
    }
    async function main() {
      heapproof.start({ samplingInterval: 1, stackDepth: isMainThread ? 5 : 3, domains: ['arrayBuffer'] })
      let kept = new ArrayBuffer(isMainThread ? 1_000_000 : 2_000_000)
      tell()
      kept = undefined
      for (let turn = 0; turn < 100 && heapproof.getTracedMemory().current > 0; turn++) {
        gc()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      tell()
      heapproof.resetPeak()
      tell()
      kept = new ArrayBuffer(3000)
      tell()
      heapproof.clearTraces()
      tell()
      console.log(JSON.stringify(told))
      if (isMainThread) new Worker(__filename).once('exit', () => console.log(heapproof.isTracing(), heapproof.getTracebackLimit()))
    }
    main()`
  const finished = node(['--expose-gc', 'main.js'], { cwd: folderWith({ 'main.js': program }) })
  const { code, stdout, stderr } = finished
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const [main, worker, after] = stdout.split('\n')
  const expected = (limit: number, bytes: number) => [
    false,
    128,
    [limit, bytes, bytes],
    [limit, 0, bytes],
    [limit, 0, 0],
    [limit, 3000, 3000],
    [limit, 0, 0],
  ]
  expect(JSON.parse(main as string)).toEqual(expected(5, 1e6))
  expect(JSON.parse(worker as string)).toEqual(expected(3, 2e6))
  expect(after).toBe('true 5')
})

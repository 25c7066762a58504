import { describe, expect, test } from 'vitest'
import { addon, PEAK, PEAK_NUMBERS } from '../../../../src/core/addon.js'
import { drive } from '../../../../src/core/measure/drive.js'
import { instruments } from '../../../../src/core/measure/instruments.js'
import { type PeakVerdict, peak } from '../../../../src/core/measure/peak/peak.js'
import { prepare } from '../../../../src/core/measure/prepare.js'
import { makeLinesExact } from '../../../../src/core/session/exact-lines.js'
import { start } from '../../../../src/core/session/start.js'
import { stop } from '../../../../src/core/session/stop.js'

prepare()

const MB = 1e6
const sink: unknown[] = []

/** 20,000 objects of 40 bytes in an array at once, and ten times as much that dies at once. */
function objects(): number {
  const kept: unknown[] = []
  for (let i = 0; i < 20_000; i++) {
    kept.push({ a: i, b: i })
    for (let k = 0; k < 10; k++) sink[0] = { a: i, b: k }
  }
  return kept.length
}

/** 50 buffers at once, then 200 one after the other. */
function buffers(): number {
  const kept: Uint8Array[] = []
  for (let i = 0; i < 50; i++) kept.push(new Uint8Array(100_000))
  for (let i = 0; i < 200; i++) sink[0] = new Uint8Array(100_000)
  return kept.length
}

const find = async (fn: () => unknown, limit: number): Promise<PeakVerdict> =>
  drive(peak(instruments(), fn, { limit, warmup: 2 }))

describe('the peak of', () => {
  test.each([
    ['objects', objects, 0.9 * MB],
    ['buffers', buffers, 5 * MB],
  ])('%s is between its bounds, and garbage is in neither', async (_, fn, expected) => {
    const { verdict, watched } = await find(fn, 2.6 * expected)
    expect(verdict).toBe('below')
    expect(watched.upper).toBeGreaterThan(0.95 * expected)
    expect(watched.upper).toBeLessThan(2.6 * expected)
    const over = await find(fn, 0.5 * expected)
    expect(over.verdict).toBe('over')
    expect(over.watched.lower).toBeLessThan(1.6 * expected)
    expect(over.watched.upper).toBeGreaterThan(0.95 * expected)
  })

  test('an asynchronous function lasts until it is settled', async () => {
    const later = async () => {
      const kept = [new Uint8Array(MB)]
      await new Promise(setImmediate)
      kept.push(new Uint8Array(2 * MB))
      await new Promise(setImmediate)
      return kept.length
    }
    const { verdict, watched } = await find(later, 20 * MB)
    expect(verdict).toBe('below')
    expect(watched.upper).toBeGreaterThan(3 * MB)
  })

  test('nothing is next to nothing', async () => {
    // A compiler's thread may take some 100 kB meanwhile.
    const { verdict, watched } = await find(() => {}, MB)
    expect([verdict, watched.step]).toEqual(['below', 0])
  })

  test('V8 has collected as often as it was told, no more', () => {
    const native = addon()
    const numbers = new Float64Array(PEAK_NUMBERS)
    native.collectGarbage()
    expect(native.startPeak(100_000, 3)).toBeUndefined()
    buffers()
    native.stopPeak(numbers)
    expect(numbers[PEAK.collections]).toBe(3)
    expect(numbers[PEAK.exhausted]).toBe(1)
    expect(numbers[PEAK.allocated]).toBeGreaterThan(25 * MB)
  })

  test('a second watch is refused, and so is one with steps during a count of sizes', () => {
    const native = addon()
    expect(native.startPeak(0, 0)).toBeUndefined()
    expect(native.startPeak(0, 0)).toBe('already-profiling')
    native.stopPeak(new Float64Array(PEAK_NUMBERS))
    native.stopPeak(new Float64Array(PEAK_NUMBERS)) // a second time does nothing
  })

  test('a watch goes on beside a recording, and a recording beside a watch', () => {
    const native = addon()
    makeLinesExact(native)
    const numbers = new Float64Array(PEAK_NUMBERS)
    start({ samplingInterval: 1000 })
    native.collectGarbage()
    expect(native.startPeak(500_000, 20)).toBeUndefined()
    buffers()
    native.stopPeak(numbers)
    stop()
    expect(numbers[PEAK.lower]).toBeGreaterThan(4.5 * MB)
    expect(numbers[PEAK.seconds]).toBeGreaterThan(0)
    expect(native.startPeak(0, 0)).toBeUndefined()
    start({ samplingInterval: 1000 })
    stop()
    native.stopPeak(numbers)
  })
})

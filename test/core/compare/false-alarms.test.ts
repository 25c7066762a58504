import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { atLeast } from '../../../src/core/compare/changes.js'
import { type Range, rangeOf } from '../../../src/core/compare/range.js'
import type { Measurement } from '../../../src/core/compare/run.js'
import { record } from '../report/outcomes.js'

// The same tests, run nine times: see record.mjs. Negative where the count was disturbed, null where there was none.
type Recorded = Readonly<Record<string, readonly (number | null)[]>>
const RUNS = JSON.parse(readFileSync(new URL('./recorded/runs.json', import.meta.url), 'utf8')) as Readonly<
  Record<'vitest' | 'jest' | 'settled', Recorded>
>
const DISTURBED = 512 * 1024

function measurement(bytes: number, settled: boolean): Measurement {
  const allocated = Math.abs(bytes)
  const exact = bytes >= 0
  const ranges = exact ? undefined : ({ allocated: [allocated - DISTURBED, allocated + DISTURBED] } as const)
  const certainty = exact ? 'exact' : 'approximate'
  return { state: 'passed', record: record({ allocated, certainty, ranges, settled: settled }) }
}

/** Numbers from 0 to 1, always the same ones: mulberry32. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Of pairs of runs of the same code, drawn at random, the part that is said to have grown by more than `part`. */
function alarms(tests: Recorded, repetitions: number, settled: boolean, part: number, draws = 200) {
  const next = random(7)
  let pairs = 0
  let found = 0
  for (const runs of Object.values(tests)) {
    const known = runs.filter((bytes) => bytes !== null).map((bytes) => measurement(bytes, settled))
    if (known.length < 2 * repetitions) continue
    for (let draw = 0; draw < draws; draw++) {
      const order = known.map((each) => ({ each, at: next() })).sort((a, b) => a.at - b.at)
      const shuffled = order.map(({ each }) => each)
      const base = rangeOf('allocated', shuffled.slice(0, repetitions)) as Range
      const head = rangeOf('allocated', shuffled.slice(repetitions, 2 * repetitions)) as Range
      if (atLeast(base, head) > part) found++
      pairs++
    }
  }
  expect(pairs).toBeGreaterThan(100 * draws)
  return found / pairs
}

test.each(['vitest', 'jest'] as const)('runs of the same code have not grown, by %s', (runner) => {
  for (const repetitions of [1, 2, 3, 4]) {
    expect(alarms(RUNS[runner], repetitions, false, 0.1)).toBe(0)
    expect(alarms(RUNS[runner], repetitions, false, 0)).toBeLessThanOrEqual(1 / 1000)
  }
})

test('nor have they where the optimising compilers are off', () => {
  for (const repetitions of [1, 2, 3, 4]) expect(alarms(RUNS.settled, repetitions, true, 0)).toBe(0)
})

test('what is seen: three runs of each side, or one without the optimising compilers', () => {
  const seen = (factor: number, repetitions: number, settled: boolean) => {
    const side = (bytes: number) => Array.from({ length: repetitions }, () => measurement(bytes, settled))
    const range = (bytes: number) => rangeOf('allocated', side(bytes)) as Range
    return atLeast(range(10e6), range(10e6 * factor)) > 0
  }
  expect([seen(2.5, 1, false), seen(2.7, 1, false)]).toEqual([false, true])
  expect([seen(1.7, 3, false), seen(1.8, 3, false)]).toEqual([false, true])
  expect([seen(1.2, 1, true), seen(1.25, 1, true)]).toEqual([false, true])
  expect([seen(1.1, 3, true), seen(1.15, 3, true)]).toEqual([false, true])
})

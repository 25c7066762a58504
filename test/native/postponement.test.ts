import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COUNTER, COUNTERS } from '../../src/core/addon.js'
import { packageRoot } from '../../src/core/package-root.js'

const binary = join(packageRoot(), 'build/Release/heapproof.node')

/**
 * In a process of its own: how often V8 has begun to collect its whole heap when the program keeps some 100 kB in each
 * of `rounds`, and drops five times as much.
 */
function full(rounds: number, each: string): number {
  const script = `
    const addon = require(${JSON.stringify(binary)})
    const counters = new Float64Array(${COUNTERS})
    const kept = []
    for (let round = 0; round < ${rounds}; round++) {
      ${each}
      for (let i = 0; i < 6; i++) kept[round] = Array.from({ length: 1300 }, () => ({}))
    }
    addon.readCounters(counters)
    console.log(counters[${COUNTER.majorCollections}] + counters[${COUNTER.markings}])`
  return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
}

const POSTPONE = 'addon.postponeCollections()'

test('collections of the whole heap are put off', () => {
  expect(full(300, '')).toBeGreaterThan(0)
  expect(full(300, POSTPONE)).toBe(0)
})

test('not for ever: a heap that grows far beyond its limit is collected', () => {
  expect(full(3000, POSTPONE)).toBeGreaterThan(0)
})

test('a collection that is forced takes place', () => {
  expect(full(2, `${POSTPONE}; addon.collectGarbage()`)).toBeGreaterThan(1)
})

import { expect, test } from 'vitest'
import { COUNTER } from '../../../src/core/addon.js'
import { certainGrowth, heapGrowth } from '../../../src/core/measure/heap-growth.js'

type Names = keyof typeof COUNTER
const growth = (by: Partial<Record<Names, number>>) =>
  heapGrowth((counter) => {
    const name = Object.entries(COUNTER).find(([, place]) => place === counter)?.[0] as Names
    return by[name] ?? 0
  })

test('what begins old is the program’s when nothing was compiled, but on Node 20', () => {
  const found = growth({ heapBytes: 1500, youngBytes: 1000, oldBytes: 500 })
  expect(found).toEqual({ young: 1000, old: 500, compiling: false })
  const isNode20 = process.version.startsWith('v20.')
  expect(certainGrowth(found, false)).toEqual(
    isNode20 ? { bytes: 1000, doubt: 500 } : { bytes: 1500, doubt: 0 },
  )
})

test.each([
  ['code or maps', { heapBytes: 1501, youngBytes: 1000, oldBytes: 500 }],
  ['bytecode', { heapBytes: 1500, youngBytes: 1000, oldBytes: 500, compiled: 1 }],
  ['machine code', { heapBytes: 1500, youngBytes: 1000, oldBytes: 500, installed: 1 }],
])('V8 made %s: what begins old is in doubt', (_, by) => {
  expect(certainGrowth(growth(by), false)).toEqual({ bytes: 1000, doubt: 500 })
})

test('compilers do not take megabytes', () => {
  const found = growth({ heapBytes: 5_001_000, youngBytes: 1000, oldBytes: 4_999_000, compiled: 3 })
  expect(certainGrowth(found, false)).toEqual({ bytes: 5_000_000 - 512 * 1024, doubt: 512 * 1024 })
})

test('while V8 samples, a page of what begins old is in doubt', () => {
  const little = growth({ heapBytes: 86_000, youngBytes: 20_000, oldBytes: 66_000 })
  expect(certainGrowth(little, true)).toEqual({ bytes: 20_000, doubt: 66_000 })
  const much = growth({ heapBytes: 1_020_000, youngBytes: 20_000, oldBytes: 1_000_000 })
  expect(certainGrowth(much, true)).toEqual({ bytes: 1_020_000 - 256 * 1024, doubt: 256 * 1024 })
})

test('what a compiler gives back, or a sweeper, takes nothing away', () => {
  const found = growth({ heapBytes: 1000 - 90_000, youngBytes: 1000, oldBytes: -90_000 })
  expect(certainGrowth(found, false)).toEqual({ bytes: 1000, doubt: 0 })
})

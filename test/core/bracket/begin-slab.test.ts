import { expect, test } from 'vitest'
import { beginSlab } from '../../../src/core/bracket/begin-slab.js'

test('small buffers come out of the second half of a slab of their own, whatever was cut before', () => {
  const slabs = new Set<unknown>()
  const offsets = Array.from({ length: 200 }, (_, i) => {
    Buffer.allocUnsafe((i * 37) % (Buffer.poolSize / 2))
    beginSlab()
    const small = Buffer.allocUnsafe(8)
    slabs.add(small.buffer)
    return small.byteOffset
  })
  expect(slabs.size).toBe(200)
  const half = Buffer.poolSize / 2
  expect(Math.min(...offsets)).toBeGreaterThanOrEqual(half - 8)
  expect(Math.max(...offsets)).toBeLessThanOrEqual(half + 64)
})

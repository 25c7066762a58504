import { expect, test } from 'vitest'
import { formatSigned, formatTraceSize } from '../../../src/core/tracemalloc/format-size.js'

const KIB = 1024
const MIB = KIB * KIB

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [99, '99 B'],
  [1023, '1023 B'],
  [10 * KIB - 1, '10239 B'],
  [10 * KIB, '10.0 KiB'],
  [100 * KIB, '100 KiB'],
  [10_239 * KIB, '10239 KiB'],
  [10 * MIB, '10.0 MiB'],
  [10 * KIB * MIB, '10.0 GiB'],
  [10 * MIB * MIB, '10.0 TiB'],
  [KIB * MIB * MIB, '1024 TiB'],
  [1e6 * MIB * MIB, '1000000 TiB'],
  [-10 * KIB, '-10.0 KiB'],
  [-3, '-3 B'],
])('%d bytes are %s', (bytes, expected) => {
  expect(formatTraceSize(bytes)).toBe(expected)
})

test.each([
  [0, '+0 B'],
  [5, '+5 B'],
  [-5, '-5 B'],
  [20 * KIB, '+20.0 KiB'],
  [-200 * KIB, '-200 KiB'],
])('a difference of %d bytes is %s', (bytes, expected) => {
  expect(formatTraceSize(bytes, true)).toBe(expected)
})

test.each([
  [2.5, '2 B'],
  [3.5, '4 B'],
  [0.5, '0 B'],
  [10.25 * KIB, '10.2 KiB'],
  [10.75 * KIB, '10.8 KiB'],
  [10.35 * KIB, '10.3 KiB'], // the double is a little below 10.35
  [10.45 * KIB, '10.4 KiB'], // and this a little below 10.45
  [-2.5, '-2 B'],
])('a tie goes to the even digit: %d', (bytes, expected) => {
  expect(formatTraceSize(bytes)).toBe(expected)
})

test('what is left of a difference of fractions is no negative zero', () => {
  expect([formatTraceSize(-1e-12, true), formatTraceSize(-0.2), formatSigned(-0.3)]).toEqual([
    '+0 B',
    '0 B',
    '+0',
  ])
  expect([3, -1, 0, 2.6].map(formatSigned)).toEqual(['+3', '-1', '+0', '+3'])
})

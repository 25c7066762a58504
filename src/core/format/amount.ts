import type { ByteReader, ByteWriter } from './varint.js'

// Estimates are fractions: a sample of 48 bytes at an interval of 512 stands for 11.17 allocations and 536.38 bytes.
// A digest counts them in whole units, so that what it adds up is exact, in whatever order, and what is allocated and
// freed comes to nothing:
//
//    bytes           1/256      537.25 bytes are 137,536 units; sums are exact up to 2^45 bytes
//    allocations     1/65536    1.5 allocations are 98,304 units; sums are exact up to 2^37 allocations
//
// Each sample is rounded once, to the nearest unit, when it is counted: its free is rounded to the same. Nothing is
// rounded after that. Beyond these sums, doubles round as doubles do.

/** Units of a byte. */
export const BYTE: number = 2 ** 8
/** Units of an allocation. */
export const ALLOCATION: number = 2 ** 16

/** Greatest number of units that fits into a varint beside the bit that says so. */
const MOST_UNITS = 2 ** 52 - 1
/** No memory is larger; a sum of so many stays finite. */
const LARGEST = 2 ** 110

/** The nearest whole number. `Math.round` would be slower, for halves below zero. */
export function nearestUnits(amount: number): number {
  return Math.floor(amount + 0.5)
}

/** Reads units. */
export function readAmount(input: ByteReader): number {
  const start = input.position
  const value = input.varint()
  if (value % 2 === 0) return value / 2
  const large = value === 1 ? input.float64() : Number.NaN
  if (!(large >= 0 && large <= LARGEST)) input.fail('an amount that is no amount', start)
  return large
}

/** Writes units: zero or more, whole. */
export function writeAmount(output: ByteWriter, units: number): void {
  if (units <= MOST_UNITS) output.varint(units * 2)
  else output.varint(1).float64(units)
}

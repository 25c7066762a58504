import bytesIec from 'bytes-iec'
import { HeapproofError } from '../errors.js'
import { show } from './show.js'

type Unit = 'B' | 'kB' | 'KB' | 'MB' | 'GB' | 'TB' | 'KiB' | 'MiB' | 'GiB' | 'TiB'

/**
 * A number of bytes. A string carries its unit: `'5MB'` and `'5 MB'` are 5,000,000 bytes, `'5MiB'` is 5,242,880. A
 * number counts bytes.
 */
export type Size = number | `${number}${Unit}` | `${number} ${Unit}`

/** The units a size was given in, and is printed in: powers of 1000, powers of 1024, or none at all. */
export type SizeFamily = 'SI' | 'IEC' | 'bytes'

export interface ParsedSize {
  /** Zero or more, finite. */
  readonly bytes: number
  readonly family: SizeFamily
}

const ACCEPTED =
  "a number of bytes, zero or more, or a string such as '512 B', '100kB', '5 MB', '1.5GB' or '5MiB'"

// bytes-iec also takes '5', '+5MB' and '-1KB', and throws on '5i'. A limit without a unit is more often a mistake than
// a wish, so the unit is demanded here and the library only sees what it understands.
const SHAPE = /^\d+(?:\.\d+)? ?(?:[kmgtp]?b|[kmgtp](i)b)$/i

/**
 * Reads a size. `what` names the thing in the error ("limit").
 *
 * @throws HeapproofError `invalid-size` for anything but a finite number >= 0 or a decimal number with a unit.
 */
export function parseSize(value: number | string, what: string): ParsedSize {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0)
    return { bytes: value, family: 'bytes' }
  const shape = typeof value === 'string' ? SHAPE.exec(value) : null
  const bytes = shape === null ? null : bytesIec.parse(shape[0])
  if (shape === null || bytes === null || !Number.isFinite(bytes)) {
    throw new HeapproofError('invalid-size', `${what}: expected ${ACCEPTED}, received ${show(value)}`)
  }
  return { bytes, family: shape[1] === undefined ? 'SI' : 'IEC' }
}

const STEPS = {
  SI: { base: 1000, units: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] },
  IEC: { base: 1024, units: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] },
} as const

/**
 * Prints a size with three significant digits: `7.28 MB`, `412 kB`, `1.05 MiB`, `0 B`. A size given as a plain number
 * of bytes is printed in powers of 1000.
 */
export function formatSize(bytes: number, family: SizeFamily): string {
  const { base, units } = STEPS[family === 'IEC' ? 'IEC' : 'SI']
  let value = bytes
  let unit = 0
  // The rounded value counts as well: 999,600 bytes are 1 MB, not 1000 kB.
  while (unit < units.length - 1 && Math.max(Math.abs(value), Math.abs(threeDigits(value))) >= base) {
    value /= base
    unit++
  }
  return `${threeDigits(value)} ${units[unit]}`
}

/** Prints every byte: `5,000,040 B`. For the cases where three digits would make two sizes look equal. */
export function formatExactSize(bytes: number): string {
  return `${groupDigits(Math.round(bytes))} B`
}

/** Commas between thousands, the same in every locale: `41,210`. */
export function groupDigits(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Rounds to three significant digits. */
export function threeDigits(value: number): number {
  return Number(value.toPrecision(3))
}

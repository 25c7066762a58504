import bytesIec from 'bytes-iec'
import { HeapproofError } from '../errors.js'
import type { SizeFamily } from './format-size.js'
import { show } from './show.js'

export { formatExactSize, formatSize, groupDigits, type SizeFamily, threeDigits } from './format-size.js'

type Unit = 'B' | 'kB' | 'KB' | 'MB' | 'GB' | 'TB' | 'KiB' | 'MiB' | 'GiB' | 'TiB'

/**
 * A number of bytes. A string carries its unit: `'5MB'` and `'5 MB'` are 5,000,000 bytes, `'5MiB'` is 5,242,880. A
 * number counts bytes.
 */
export type Size = number | `${number}${Unit}` | `${number} ${Unit}`

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

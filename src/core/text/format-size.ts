// Imports nothing: the report page prints sizes in the browser as everything else does.

/** The units a size was given in, and is printed in: powers of 1000, powers of 1024, or none at all. */
export type SizeFamily = 'SI' | 'IEC' | 'bytes'

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

import { HeapproofError } from '../errors.js'
import { formatSize, parseSize } from '../text/bytes.js'
import type { Allowed } from './types.js'

/** Digits of an estimate. */
export const SITE_DIGITS = 2
const TOTAL_DIGITS = 3

/** Digits of a counted total: fewer where the same code is to give the same text. */
export function totalDigits({ reproducible }: { readonly reproducible: boolean }): number {
  return reproducible ? SITE_DIGITS : TOTAL_DIGITS
}

/** A size in a snapshot: rounded to so many digits. */
export function roundedSize(bytes: number, digits: number): string {
  return formatSize(Number(Math.max(0, Math.round(bytes)).toPrecision(digits)), 'SI')
}

/** How far rounding to so many digits can put a size off, in bytes: half of its last digit. */
export function roundingError(bytes: number, digits: number): number {
  if (bytes <= 0) return 0
  return Math.max(0.5, 10 ** (Math.floor(Math.log10(bytes)) - digits + 1) / 2)
}

const MARK = /^(.*?)\s*(?:±|\+\/?-)\s*(.*)$/

/**
 * Reads a size with what somebody may have allowed behind it: `4.9 MB`, `4.9 MB ±25%`, `4.9 MB +-20 kB`. Undefined when
 * it is none.
 */
export function readAmount(text: string): { bytes: number; allowed: Allowed | undefined } | undefined {
  const [, size, allowance] = MARK.exec(text) ?? [text, text]
  const bytes = readSize(size as string)
  if (bytes === undefined) return undefined
  if (allowance === undefined) return { bytes, allowed: undefined }
  const allowed = readAllowed(allowance)
  return allowed && { bytes, allowed }
}

/** Reads `25%` or `20 kB`; undefined when it is neither. */
export function readAllowed(text: string): Allowed | undefined {
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1]
  if (percent !== undefined) return { relative: Number(percent) / 100 }
  const bytes = readSize(text)
  return bytes === undefined ? undefined : { bytes }
}

/** An allowance as it stands behind a size; empty when there is none. */
export function allowedText(allowed: Allowed | undefined): string {
  if (allowed === undefined) return ''
  const shown =
    'bytes' in allowed
      ? formatSize(allowed.bytes, 'SI')
      : `${Number((allowed.relative * 100).toPrecision(12))}%`
  return ` ±${shown}`
}

function readSize(text: string): number | undefined {
  try {
    return parseSize(text, '').bytes
  } catch (error) {
    if (error instanceof HeapproofError) return undefined
    throw error
  }
}

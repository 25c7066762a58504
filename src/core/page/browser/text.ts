import { formatSize, groupDigits } from '../../text/format-size.js'

/** `7.28 MB`. */
export function bytes(value: number): string {
  return formatSize(value, 'SI')
}

/** With its sign: `+7.28 MB`, `−412 kB`, `0 B`. */
export function change(value: number): string {
  return value > 0 ? `+${bytes(value)}` : value < 0 ? `−${bytes(-value)}` : bytes(0)
}

/** `67 %`, `0.3 %`, `< 0.1 %`; empty when there is no whole. */
export function percent(part: number, whole: number): string {
  if (!(whole > 0)) return ''
  const share = (100 * part) / whole
  if (share > 0 && share < 0.1) return '< 0.1 %'
  return `${share >= 1 ? Math.round(share) : Number(share.toPrecision(1))} %`
}

/** `4 %`: two standard errors. The true figure lies inside in 19 of 20 cases. */
export function doubtOf(error: number, value: number): string {
  return `${groupDigits(Math.max(1, Math.ceil((200 * error) / value)))} %`
}

/** A time with as many digits as times that are `step` apart need, both in seconds: `1.204 s`, `62 ms`. */
export function time(seconds: number, step: number): string {
  if (seconds === 0) return '0 s'
  const isSmall = Math.abs(seconds) < 0.1
  const unit = isSmall ? 1000 : 1
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step * unit || 1))))
  return `${Number((seconds * unit).toFixed(digits))} ${isSmall ? 'ms' : 's'}`
}

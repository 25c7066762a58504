const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/**
 * Prints bytes the way tracemalloc does: whole ones below 10 KiB, and then in the unit in which there are less than
 * 10,240, with one decimal below 100. With `sign`, zero and more have a plus.
 *
 *     1023    1023 B        10240    10.0 KiB      102400    100 KiB     10 * 2 ** 20    10.0 MiB
 */
export function formatTraceSize(bytes: number, sign = false): string {
  let value = bytes
  for (const unit of UNITS) {
    const inUnit = Math.abs(value)
    if (inUnit < 100 && unit !== 'B') return `${fixed(value, 1, sign)} ${unit}`
    if (inUnit < 10 * 1024 || unit === 'TiB') return `${fixed(value, 0, sign)} ${unit}`
    value /= 1024
  }
  return '' // not reached: the last unit takes all
}

/** A whole number with its sign: `+3`, `-1`, `+0`. */
export function formatSigned(value: number): string {
  return fixed(value, 0, true)
}

/** As C prints `%.0f` and `%.1f`: a tie goes to the even digit, where `toFixed` takes the greater one. */
function fixed(value: number, digits: 0 | 1, sign: boolean): string {
  const steps = value * 10 ** digits
  const below = Math.floor(steps)
  // With one decimal only quarters are ties that a double can hold; a product that was rounded to .5 is none.
  const tie = steps - below === 0.5 && (digits === 0 || Number.isInteger(value * 4))
  const rounded = tie ? (below + (below % 2 === 0 ? 0 : 1)) / 10 ** digits : value
  const text = rounded.toFixed(digits).replace(/^-(?=0(?:\.0)?$)/, '')
  return sign && !text.startsWith('-') ? `+${text}` : text
}

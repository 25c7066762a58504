import { formatSize } from '../text/format-size.js'

/** A place on an axis, and what stands beside it. */
export interface Tick {
  readonly value: number
  readonly label: string
}

/** Steps of a clock in seconds, above which days go on as numbers do. */
const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400]

/** Round numbers of bytes from 0 to the first that is not below `greatest`, some `count` of them. */
export function byteTicks(greatest: number, count: number): Tick[] {
  const top = Math.max(1, greatest)
  const step = Math.max(1, roundStep(top / count))
  return Array.from({ length: Math.ceil(top / step) + 1 }, (_, index) => {
    const value = index * step
    return { value, label: formatSize(value, 'SI') }
  })
}

/** Round times from 0 to `longest` seconds, at most `count` and one more. */
export function timeTicks(longest: number, count: number): Tick[] {
  if (!(longest > 0)) return [{ value: 0, label: '0 s' }]
  const least = longest / count
  const step = least < 1 ? roundStep(least) : (CLOCK.find((seconds) => seconds >= least) ?? roundStep(least))
  return Array.from({ length: Math.floor(longest / step + 1e-9) + 1 }, (_, index) => {
    const value = index * step
    return { value, label: timeLabel(value, step, longest) }
  })
}

/** The least of 1, 2, 5 and 10 with any number of zeros that is not below a number. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  // `power` may be off where the logarithm is a rounding error away from a whole number.
  return ([1, 2, 5, 10, 20].find((step) => step * power >= least * (1 - 1e-9)) ?? 20) * power
}

/** `250 ms`, `1.5 s`, `3:20 min`, `2:05 h`, by what the axis needs. */
function timeLabel(value: number, step: number, longest: number): string {
  if (value === 0) return '0'
  if (longest < 1) return `${round(value * 1000)} ms`
  if (longest < 120 || step < 1) return `${round(value)} s`
  if (longest < 7200) return `${Math.floor(value / 60)}:${pad(value % 60)} min`
  return `${Math.floor(value / 3600)}:${pad((value % 3600) / 60)} h`
}

function pad(value: number): string {
  return String(Math.round(value)).padStart(2, '0')
}

/** Without the digits that only binary fractions bring. */
function round(value: number): number {
  return Number(value.toPrecision(6))
}

import type { FlameGraph } from './of-view.js'

/** What a flame graph is of: `live at the peak (1.204 s)`, `temporary from 1.5 s to 3 s`. */
export function describeFlame({
  value,
  from,
  at,
  time,
}: Pick<FlameGraph, 'value' | 'from' | 'at' | 'time'>): string {
  const until = `${Number(time.toFixed(3))} s`
  if (value === 'live') {
    if (at === 'end') return 'live at the end'
    return at === 'peak' ? `live at the peak (${until})` : `live at ${until}`
  }
  if (from > 0) return `${value} from ${from} s to ${at === 'end' ? 'the end' : until}`
  if (at === 'end') return value
  return at === 'peak' ? `${value} up to the peak (${until})` : `${value} up to ${until}`
}

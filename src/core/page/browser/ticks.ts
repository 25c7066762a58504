/** Round numbers from `low` to `high`, about `count` of them: 0, 20, 40, 60. */
export function ticks(low: number, high: number, count: number): number[] {
  const span = high - low
  if (!(span > 0 && Number.isFinite(span))) return [low]
  const rough = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power
  const first = Math.ceil(low / step)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step)
}

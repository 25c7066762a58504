// Objects and closures that live for a moment: allocation and little else, the worst case for a heap profiler.
export const title = 'object churn'
export const sizes = { timed: 60_000_000, counted: 2_000_000 } // objects

export function run(size) {
  const window = new Array(1000)
  let sum = 0
  for (let i = 0; i < size; i += 2) {
    const point = { x: i, y: i + 1, next: window[i % 1000]?.point }
    point.next = undefined
    window[i % 1000] = { point, distance: () => point.x + point.y }
    sum += window[(i * 7) % 1000]?.distance() ?? 0
  }
  if (Number.isNaN(sum)) throw new Error('the loop went wrong')
}

// Buffers outside of V8's heap, small and large, the last sixty-four alive.
export const title = 'Buffer churn'
export const sizes = { timed: 300_000, counted: 120_000 } // buffers
const BYTES = [64, 1 << 10, 5 << 10, 16 << 10, 70_000]

export function run(size) {
  const alive = new Array(64)
  let sum = 0
  for (let i = 0; i < size; i++) {
    const bytes = BYTES[i % BYTES.length]
    const buffer = i % 2 === 0 ? Buffer.alloc(bytes) : Buffer.allocUnsafeSlow(bytes)
    buffer[0] = i
    alive[i % alive.length] = buffer
    sum += alive[(i * 5) % alive.length]?.[0] ?? 0
  }
  if (Number.isNaN(sum)) throw new Error('the loop went wrong')
}

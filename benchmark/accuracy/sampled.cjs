// Many recordings of programs whose allocations are known: node sampled.cjs <package entry> <folder>
'use strict'
const { read, start, stop } = require(process.argv[2])
const folder = process.argv[3]

const RUNS = 100
const kept = new Array(8)
const one = 1n

/** Of 16 bytes and 8 for each 64 bits. */
function bigints(size, count) {
  const bits = [BigInt((size - 24) * 8 + 1), BigInt((size - 24) * 8 + 2)]
  for (let i = 0; i < count; i++) kept[i & 7] = one << bits[i & 1]
}

function buffers(size, count) {
  for (let i = 0; i < count; i++) kept[i & 7] = new ArrayBuffer(size)
}

const plans = [
  {
    name: 'heap: 20,000 of 1,000 bytes at 16 KiB',
    work: bigints,
    size: 1000,
    count: 20_000,
    interval: 1 << 14,
  },
  {
    name: 'heap: 20,000 of 1,000 bytes at 128 KiB',
    work: bigints,
    size: 1000,
    count: 20_000,
    interval: 1 << 17,
  },
  { name: 'heap: 200,000 of 48 bytes at 16 KiB', work: bigints, size: 48, count: 200_000, interval: 1 << 14 },
  {
    name: 'ArrayBuffers: 2,000 of 10,000 bytes at 16 KiB',
    work: buffers,
    size: 10_000,
    count: 2000,
    interval: 1 << 14,
  },
  {
    name: 'ArrayBuffers: 2,000 of 10,000 bytes at 128 KiB',
    work: buffers,
    size: 10_000,
    count: 2000,
    interval: 1 << 17,
  },
]

const results = plans.map(({ name, work, size, count, interval }) => {
  const p = -Math.expm1(-size / interval)
  const deviation = Math.sqrt((count * (1 - p)) / p) / count
  const estimates = Array.from({ length: RUNS }, (_, run) => estimate(work, size, count, interval, run + 1))
  return { name, truth: size * count, deviation, estimates }
})
console.log(JSON.stringify({ version: process.versions.node, plans: results }))

/** The estimated bytes of all objects of that size in one recording: all else is Node's. */
function estimate(work, size, count, samplingInterval, seed) {
  const base = `${folder}/run`
  start(base, { samplingInterval, seed })
  work(size, count)
  stop()
  const profile = read(base)
  let bytes = 0
  for (const event of profile.events())
    if (event.kind === 'alloc' && event.size === size) bytes += event.size * event.scale
  profile.close()
  return bytes
}

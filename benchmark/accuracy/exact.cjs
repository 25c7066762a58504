// Works of which it is known what they allocate, each measured many times: node exact.cjs <package entry>
//
// Sizes on 64-bit V8 without pointer compression, which is what Node is: an object has a map, properties and elements of
// 8 bytes each, then its fields; an array also its length, and elsewhere its elements with a map and a length of 8 bytes
// each, and behind it 16 bytes by which V8 knows the place it was made at; a BigInt a header of 16 bytes and 8 for each 64 bits.
'use strict'
const v8 = require('node:v8')
const { measure } = require(process.argv[2])

const RUNS = 30
const kept = new Array(8)
const one = 1n
const bits = [7871n, 7870n] // read in the loop, or V8 computes the number once

const works = [
  { name: 'nothing', truth: 0, work() {} },
  {
    name: '100,000 objects with three fields',
    truth: 100_000 * (24 + 3 * 8),
    work() {
      for (let i = 0; i < 100_000; i++) kept[i & 7] = { a: i, b: i, c: i }
    },
  },
  {
    name: '10,000 BigInts of 1,000 bytes',
    truth: 10_000 * (16 + 984),
    work() {
      for (let i = 0; i < 10_000; i++) kept[i & 7] = one << bits[i & 1]
    },
  },
  {
    name: 'an array of a million elements',
    truth: 32 + 16 + 8_000_000 + 16,
    work() {
      kept[0] = new Array(1_000_000)
    },
  },
  {
    name: '100 ArrayBuffers of 100,000 bytes, without their objects',
    truth: 100 * 100_000,
    of: 'arrayBuffers',
    work() {
      for (let i = 0; i < 100; i++) kept[i & 7] = new ArrayBuffer(100_000)
    },
  },
]

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})

async function main() {
  const results = []
  for (const { name, truth, work, of = 'heap' } of works) {
    const counted = []
    for (let run = 0; run < RUNS; run++) {
      const measured = await measure(work, { sample: false, warmup: run === 0 ? 30 : 0 })
      counted.push(measured[of])
    }
    results.push({ name, truth, counted, own: of === 'heap' ? own(work) : undefined })
  }
  console.log(JSON.stringify({ version: process.versions.node, works: results }))
}

/** The same by `v8.getHeapStatistics().total_allocated_bytes`, where Node has it. */
function own(work) {
  if (v8.getHeapStatistics().total_allocated_bytes === undefined) return undefined
  return Array.from({ length: RUNS }, () => {
    const before = v8.getHeapStatistics().total_allocated_bytes
    work()
    return v8.getHeapStatistics().total_allocated_bytes - before
  })
}

// The profile is taken, encoded and written at the end.
const { writeFileSync } = require('node:fs')
const { encodeSync, heap } = require('@datadog/pprof')

const { BENCHMARK_PROFILE: file, BENCHMARK_INTERVAL: interval } = process.env
const STACK_DEPTH = 64
heap.start(Number(interval), STACK_DEPTH)
process.on('exit', () => writeFileSync(file, encodeSync(heap.profile())))

// The sampler of V8 through the inspector's protocol, and its profile as JSON in a file at the end.
const { writeFileSync } = require('node:fs')
const { Session } = require('node:inspector')

const { BENCHMARK_PROFILE: file, BENCHMARK_INTERVAL: interval } = process.env
const session = new Session()
session.connect()
session.post('HeapProfiler.startSampling', { samplingInterval: Number(interval) })
process.on('exit', () => {
  session.post('HeapProfiler.stopSampling', (error, result) => {
    if (error) throw error
    writeFileSync(file, JSON.stringify(result.profile))
  })
})

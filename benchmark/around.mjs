// node benchmark/around.mjs: what single steps cost: reading counters, looking at what is live, collecting.
//
//   --megabytes N    size of the heap that is looked at (default 100)
//   --markdown       only the table
//
// Each step runs in a process of its own; what happens but once in a process, in several. The fastest of some tries counts:
// nothing but disturbance makes it slower.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import v8 from 'node:v8'
import { bundle } from './paths.mjs'
import { markdown } from './table.mjs'
import { ways } from './ways/index.mjs'

const {
  values: { megabytes, markdown: isBare },
  positionals: [only],
} = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '100' },
    markdown: { type: 'boolean', default: false },
  },
})
const INTERVAL = 128 * 1024
const require = createRequire(import.meta.url)
const heapproof = () => require(bundle('index.cjs'))

/** Processes for a step that happens but once in each. */
const TRIES = 20

/** `begin(folder)` makes the step, which is then called `times` in a row; one that `isFirst` is what a process does first. */
const steps = {
  'loading and starting by `heapproof run`, 128 KiB': {
    isFirst: true,
    times: 1,
    begin: (folder) => {
      Object.assign(process.env, ways['heapproof-128'].variables({ base: join(folder, 'profile') }))
      return () => require(bundle('preload.cjs'))
    },
  },
  'loading and starting the library, 128 KiB': {
    isFirst: true,
    times: 1,
    begin: (folder) => () => heapproof().start(join(folder, 'profile'), { samplingInterval: INTERVAL }),
  },
  "loading and starting the inspector's sampler, 128 KiB": {
    isFirst: true,
    times: 1,
    begin: () => inspected,
  },
  'a reading of the exact counters, heapproof': {
    times: 100_000,
    begin: () => {
      const addon = require('node-gyp-build')(fileURLToPath(new URL('..', import.meta.url)))
      const into = new Float64Array(64)
      return () => addon.readCounters(into)
    },
  },
  'measure() of an empty function, heapproof': {
    times: 2000,
    begin: () => {
      const { measure } = heapproof()
      return () => measure(() => {}, { sample: false })
    },
  },
  'v8.getHeapStatistics()': { times: 100_000, begin: () => () => v8.getHeapStatistics() },
  'process.memoryUsage()': { times: 10_000, begin: () => () => process.memoryUsage() },
  'getTracedMemory(), heapproof': {
    isFull: true,
    times: 1000,
    begin: () => {
      heapproof().start({ samplingInterval: INTERVAL })
      return () => heapproof().getTracedMemory()
    },
  },
  'takeSnapshot(), heapproof, 128 KiB': {
    isFull: true,
    times: 5,
    begin: () => {
      heapproof().start({ samplingInterval: INTERVAL })
      return () => heapproof().takeSnapshot().traces.length
    },
  },
  "the inspector's getSamplingProfile, 128 KiB": {
    isFull: true,
    times: 5,
    begin: () => {
      const session = inspected()
      return () => session.post('HeapProfiler.getSamplingProfile')
    },
  },
  'a full collection': { isFull: true, times: 5, begin: () => globalThis.gc },
  'a heap snapshot into a file': {
    isFull: true,
    times: 1,
    begin: (folder) => () => v8.writeHeapSnapshot(join(folder, 'heap.heapsnapshot')),
    note: (folder) => `${(statSync(join(folder, 'heap.heapsnapshot')).size / 1e6).toFixed(0)} MB`,
  },
}

if (only === undefined) all()
else await one(steps[only])

function all() {
  const rows = Object.entries(steps).map(([name, { isFull, isFirst }]) => {
    const tries = Array.from({ length: isFirst ? TRIES : 1 }, () => tried(name))
    const { seconds, note } = tries.reduce((a, b) => (a.seconds < b.seconds ? a : b))
    return [isFull ? `${name}, at ${megabytes} MB` : name, time(seconds), note]
  })
  if (!isBare) console.log(`Node ${process.version}, ${process.platform}-${process.arch}.\n`)
  console.log(markdown([['', 'CPU', 'makes'], ...rows]))
}

function tried(name) {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), name, '--megabytes', megabytes]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

async function one({ isFull, isFirst, times, begin, note }) {
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-around-'))
  const step = begin(folder)
  const kept = isFull ? fill(Number(megabytes) * 1e6) : []
  let seconds = Number.POSITIVE_INFINITY
  for (let round = 0; round < (isFirst ? 1 : 3); round++) {
    const before = process.cpuUsage()
    for (let time = 0; time < times; time++) await step()
    const { user, system } = process.cpuUsage(before)
    seconds = Math.min(seconds, (user + system) / 1e6 / times)
  }
  if (isFull && kept.length === 0) throw new Error('nothing was kept')
  console.log(JSON.stringify({ seconds, note: note?.(folder) ?? '' }))
  rmSync(folder, { recursive: true })
  process.exit() // without what sampling says at the end
}

/** A session of the inspector, with V8's sampler running. */
function inspected() {
  const { Session } = require('node:inspector')
  const session = new Session()
  session.connect()
  session.post('HeapProfiler.startSampling', { samplingInterval: INTERVAL })
  return session
}

/** Objects from a thousand places, each with a stack of its own. */
function fill(bytes) {
  const makers = Array.from(
    { length: 1000 },
    (_, i) =>
      new Function(
        'n',
        `const made = []; for (let i = 0; i < n; i++) made.push({ a: i, b: [i], c: ${i} }); return made`,
      ),
  )
  const each = Math.round(bytes / makers.length / 80)
  return makers.map((make) => make(each))
}

function time(seconds) {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(seconds < 1e-5 ? 2 : 0)} µs`
  return seconds < 1 ? `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms` : `${seconds.toFixed(1)} s`
}

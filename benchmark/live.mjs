// node benchmark/live.mjs: whether what a recording costs grows with the number of samples that are alive.
//
// Keeps 10,000, then 100,000, then a million samples alive, and takes each time what an object and a scavenge cost beside
// them. The numbers of one row should be alike, but for what more memory costs without a profiler (first rows), V8's own
// profiler (the next), and the processor's caches.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Session } from 'node:inspector'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PerformanceObserver } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { bundle } from './paths.mjs'
import { markdown } from './table.mjs'

const INTERVAL = 512
const LIVE = [10_000, 100_000, 1_000_000]
const BYTES = 48 // an object of three fields
const CHURN = 4_000_000 // objects
const WAYS = {
  nothing: () => {},
  "V8's profiler alone": () => {
    const session = new Session()
    session.connect()
    session.post('HeapProfiler.startSampling', { samplingInterval: INTERVAL })
  },
  'heapproof, direct': (base) => record(base, 'direct'),
  'heapproof, polled': (base) => record(base, 'polled'),
}

function record(base, source) {
  const { start } = createRequire(import.meta.url)(bundle('index.cjs'))
  start(base, { samplingInterval: INTERVAL, source, domains: ['heap'] })
}

const [, , way, live] = process.argv
if (way === undefined) all()
else await one(WAYS[way], Number(live))

/** Each in a process of its own. */
function all() {
  const rows = { object: [], scavenge: [] }
  for (const way of Object.keys(WAYS)) {
    const results = LIVE.map((live) => {
      const args = [
        '--expose-gc',
        '--max-old-space-size=8000',
        fileURLToPath(import.meta.url),
        way,
        String(live),
      ]
      return JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout)
    })
    rows.object.push([`an object, ns CPU: ${way}`, ...results.map(({ object }) => object.toFixed(0))])
    rows.scavenge.push([`a scavenge, ms: ${way}`, ...results.map(({ scavenge }) => scavenge.toFixed(1))])
  }
  const head = ['live samples', ...LIVE.map((live) => live.toLocaleString('en'))]
  console.log(markdown([head, ...rows.object, ...rows.scavenge]))
}

async function one(begin, live) {
  const collections = []
  new PerformanceObserver((list) => collections.push(...list.getEntries())).observe({ entryTypes: ['gc'] })
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50))
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-live-'))
  begin(join(folder, 'profile'))
  const kept = fill(Math.round((live * INTERVAL) / BYTES))
  globalThis.gc()
  churn(CHURN / 10)
  await pause()
  collections.length = 0
  const before = process.cpuUsage()
  churn(CHURN)
  const { user, system } = process.cpuUsage(before)
  await pause()
  const scavenges = collections.filter(({ detail }) => detail.kind === 1)
  const milliseconds = scavenges.reduce((sum, { duration }) => sum + duration, 0)
  if (kept.length === 0) throw new Error('nothing was kept')
  const result = { object: ((user + system) * 1000) / CHURN, scavenge: milliseconds / scavenges.length }
  console.log(JSON.stringify(result))
  process.on('exit', () => rmSync(folder, { recursive: true }))
}

function fill(count) {
  const kept = []
  for (let i = 0; i < count; i += 1000) {
    const some = []
    for (let k = 0; k < 1000; k++) some.push({ a: i, b: k, c: i })
    kept.push(some)
  }
  return kept
}

function churn(count) {
  const window = new Array(64)
  for (let i = 0; i < count; i++) window[i & 63] = { a: i, b: i, c: i }
  if (window.length !== 64) throw new Error('the loop went wrong')
}

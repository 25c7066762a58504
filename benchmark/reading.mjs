// node benchmark/reading.mjs: how fast a recording is read, and how much memory that takes.
//
//   --events N    samples and frees in the recording (default 10,000,000)
//   --traces N    stacks in it (default 100,000)
//   --alike       all stacks allocate as often: the worst case (default: the k-th has 1/k of the first)
//   --rounds N    how often each way of reading is timed; the fastest counts (default 3)
//   --way NAME    only this way of reading (reading/ways.mjs); may be given several times
//   --markdown    only the table
//
// Each way runs in a process of its own, so that what one leaves behind is not in the memory of the next.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'tsup'
import { writeRecording } from './reading/recording.mjs'
import { ways } from './reading/ways.mjs'
import { markdown } from './table.mjs'

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    traces: { type: 'string', default: '100000' },
    alike: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    way: { type: 'string', multiple: true, default: Object.keys(ways) },
    markdown: { type: 'boolean', default: false },
  },
})
const [events, traces, rounds] = [options.events, options.traces, options.rounds].map(Number)
const unknown = options.way.find((name) => !(name in ways))
if (unknown !== undefined) {
  console.error(`reading: --way takes one of ${Object.keys(ways).join(', ')}, received ${unknown}`)
  process.exit(1)
}
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'heapproof-reading-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}

async function main() {
  const bundle = join(folder, 'library.mjs')
  await build({
    entry: { library: join(here, 'reading/library.ts') },
    outDir: folder,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    outExtension: () => ({ js: '.mjs' }),
    silent: true,
    config: false,
    splitting: false,
  })
  const library = await import(pathToFileURL(bundle).href)
  const base = join(folder, 'recording')
  const bytes = writeRecording(base, { library, events, traces, alike: options.alike })
  const rows = options.way.map((way) => {
    const runs = Array.from({ length: rounds }, () => one(bundle, base, way))
    const best = runs.reduce((a, b) => (a.seconds < b.seconds ? a : b))
    const megabytes = (count) => (count === undefined ? '' : (count / 1e6).toFixed(0))
    return [
      ways[way].title,
      best.seconds.toFixed(2),
      (events / best.seconds / 1e6).toFixed(1),
      megabytes(best.memory),
      megabytes(best.read),
      best.note ?? '',
    ]
  })
  const head = ['', 'CPU seconds', 'million events/s', 'peak memory, MB', 'read, MB', '']
  if (!options.markdown) {
    console.log(`Node ${process.version}, ${process.platform}-${process.arch}.`)
    console.log(`${events.toLocaleString('en')} events, ${traces.toLocaleString('en')} traces:`)
    console.log(`.hpd ${(bytes.hpd / 1e6).toFixed(1)} MB, ${(bytes.hpd / events).toFixed(2)} bytes an event;`)
    console.log(`.hpm ${(bytes.hpm / 1e6).toFixed(1)} MB.\n`)
  }
  console.log(markdown([head, ...rows]))
}

function one(bundle, base, way) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(here, 'reading/child.mjs'), bundle, base, way],
    {
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

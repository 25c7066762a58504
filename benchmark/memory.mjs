// node benchmark/memory.mjs: what heapproof itself takes: memory for each live sample and for each frame of a stack, bytes of the
// log for each event, and in what pieces it is written.
//
// Each step runs in a process of its own.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { internedFrames } from './memory/interned-frames.mjs'
import { read } from './memory/library.mjs'
import { liveSamples } from './memory/live-samples.mjs'
import { blocksOf, writesInAllocations, writesOfThread } from './memory/log-writes.mjs'
import { child } from './paths.mjs'
import { markdown } from './table.mjs'
import { ways } from './ways/index.mjs'

const LIVE = [10_000, 100_000, 1_000_000]
const DEPTHS = [12, 15, 18]
const PROGRAMS = { 'HTTP and JSON': ['http', '3000'], 'TypeScript compile': ['compile', '1'] }
const steps = { internedFrames, liveSamples: (_base, count) => liveSamples(count), writesOfThread }

const folder = mkdtempSync(join(tmpdir(), 'heapproof-memory-'))
/** Files that are there already are not written over. */
const newBase = () => join(mkdtempSync(join(folder, 'run-')), 'profile')
try {
  const [, , name, number] = process.argv
  if (name === undefined) report()
  else console.log(JSON.stringify(steps[name](newBase(), Number(number)) ?? null))
} finally {
  rmSync(folder, { recursive: true })
}

function report() {
  const rows = LIVE.map((count) => {
    const { samples, bytes } = inProcess('liveSamples', count)
    return [`memory for a live sample, about ${count.toLocaleString('en')}`, bytesOf(bytes / samples)]
  })
  for (const depth of DEPTHS) {
    const { frames, bytes } = inProcess('internedFrames', depth)
    const about = Number(frames.toPrecision(1)).toLocaleString('en')
    rows.push([`memory for an interned frame, about ${about}`, bytesOf(bytes / frames)])
  }
  const logs = Object.entries(PROGRAMS).map(([title, work]) => [title, logged(work)])
  for (const [title, { bytes, events }] of logs)
    rows.push([`log for an event, ${title}`, bytesOf(bytes / events)])
  const thread = inProcess('writesOfThread')
  if (thread) rows.push(['log for a write, nothing but allocation', bytesOf(thread.bytes / thread.writes)])
  for (const [title, { bytes, blocks }] of logs)
    rows.push([`log for a write, ${title}`, bytesOf(bytes / blocks)])
  for (const [title, work] of Object.entries(PROGRAMS)) {
    const found = writesInAllocations(recording(work))
    if (found) rows.push([`writes inside of an allocation, ${title}`, `${found.inside} of ${found.writes}`])
  }
  console.log(markdown([['', 'takes'], ...rows]))
}

/** Three digits, or all that are whole. */
function bytesOf(number) {
  const digits = number < 10 ? 2 : number < 1000 ? 1 : 0
  return `${number.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} bytes`
}

function inProcess(...step) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=8000', fileURLToPath(import.meta.url), ...step.map(String)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** How this work is recorded, and where. */
function recording(work) {
  const base = newBase()
  const way = ways['heapproof-16']
  const command = [process.execPath, ...way.options({ base }), child, ...work]
  return { base, command, env: { ...process.env, ...way.variables({ base }) } }
}

/** A recording's log: bytes, events, blocks. */
function logged(work) {
  const { base, command, env } = recording(work)
  const [program, ...args] = command
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const reader = read(base)
  let events = 0
  for (const event of reader.events()) if (event.kind === 'alloc' || event.kind === 'free') events++
  reader.close()
  const log = `${base}.hpd`
  return { bytes: statSync(log).size, events, blocks: blocksOf(log) }
}

import { cpSync, existsSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compileAddon } from '../../native/build/compile-addon.mjs'
import { root } from '../../native/build/source-digest.mjs'
import { finished, inFolder, LIBRARY } from './process.mjs'

const FIXTURE = join(root, 'test/native/fixtures/allocating-addon')

/** What each worker does: load the add-on, allocate and free, and end, which unloads it. One in ten records what it does. */
const worker = (binary, base) => `
  const { workerData } = require('node:worker_threads')
  const { read, start, stop } = require(${JSON.stringify(LIBRARY)})
  const recorded = workerData % 10 === 0
  const base = ${JSON.stringify(base)} + '.w' + workerData
  if (recorded) start(base, { samplingInterval: 64, domains: ['heap', 'arrayBuffer', 'native'] })
  const addon = require(${JSON.stringify(binary)})
  const ends = { malloc: 'free', calloc: 'free', new: 'delete' }
  for (const [way, end] of Object.entries(ends))
    addon.release(addon.allocate(addon.ways.indexOf(way), 64, 20), addon.ends.indexOf(end))
  if (recorded) {
    stop()
    const profile = read(base)
    let blocks = 0
    for (const event of profile.events()) if (event.kind === 'alloc' && profile.trace(event.trace).domain === 'native') blocks++
    profile.close()
    if (blocks < 20) throw new Error('only ' + blocks + ' blocks of 60 were sampled')
  }`

const main = (binary, count, base) => `
  const { Worker } = require('node:worker_threads')
  const { read, start, stop } = require(${JSON.stringify(LIBRARY)})
  start(${JSON.stringify(base)}, { samplingInterval: 64, domains: ['heap', 'arrayBuffer', 'native'] })
  let left = ${count}
  let running = 4
  for (let lane = 0; lane < running; lane++) next()
  function next() {
    if (left-- <= 0) return --running === 0 && end()
    const worker = new Worker(${JSON.stringify(worker(binary, base))}, { eval: true, workerData: left })
    worker.once('error', (error) => { console.error(error); process.exit(1) })
    worker.once('exit', next)
  }
  function end() {
    stop()
    const profile = read(${JSON.stringify(base)})
    console.log(profile.end === '' ? 'held' : 'it ended early: ' + profile.end)
  }`

/** Workers that load an add-on, allocate with it and end, which unloads it, while the main thread records native memory. */
export async function addons({ scale }) {
  const count = Math.ceil(1000 * scale)
  const failures = await inFolder(async (folder) => {
    cpSync(FIXTURE, join(folder, 'addon'), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const prefix = dirname(dirname(process.execPath))
    const headers = existsSync(join(prefix, 'include/node/node_version.h')) ? prefix : undefined
    compileAddon(join(folder, 'addon'), process.execPath, headers, 'ignore')
    const binary = join(folder, 'addon/build/Release/allocating.node')
    const program = main(binary, count, join(folder, 'run'))
    const { code, signal, stdout, stderr } = await finished(process.execPath, ['--eval', program])
    return code === 0 && stdout === 'held\n'
      ? []
      : [`ended with ${signal ?? code}: ${stdout}${stderr.slice(0, 500)}`]
  })
  return [
    {
      what: 'an add-on that workers load, use and unload while native memory is recorded',
      tries: `${count} workers`,
      failures,
    },
  ]
}

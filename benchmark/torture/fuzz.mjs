import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished, inFolder, LIBRARY } from './process.mjs'

const { HeapproofError, read, sites } = await import('../../dist/index.js')

/** Longest that one damaged profile may take, in seconds: it has some kilobytes. Enough for a busy machine. */
const PATIENCE = 20

/** Most bytes of memory that reading one may take. */
const MEMORY = 500_000_000

/** Something of everything: two domains, frees, collections, many places. */
const PROGRAM = (base) => `
  const { start, stop } = require(${JSON.stringify(LIBRARY)})
  start(${JSON.stringify(base)}, { samplingInterval: 512 })
  const kept = []
  for (let i = 0; i < 200; i++) {
    const make = new Function('return function place' + i + '(n) { return { n, row: new Array(n), text: "x" + n } }')()
    for (let n = 0; n < 20; n++) kept[(i * 7 + n) % 50] = make(n)
    kept[i % 50].buffer = new ArrayBuffer(1000 + i)
  }
  stop()
  const { read } = require(${JSON.stringify(LIBRARY)})
  const profile = read(${JSON.stringify(base)})
  profile.makeDigest({ interval: 0.001 }).then(() => profile.close())`

/**
 * A recording and its digest with random damage: bytes changed, taken out, put in, doubled, files cut and swapped, and
 * checksums made right again. Each ends in a value or in a HeapproofError, soon, and without much memory.
 */
export async function fuzz({ scale, random }) {
  const until = Date.now() + 5 * 60_000 * scale
  const failures = []
  const outcomes = new Map()
  let tries = 0
  await inFolder(async (folder) => {
    const base = join(folder, 'whole')
    const made = await finished(process.execPath, ['--eval', PROGRAM(base)])
    if (made.code !== 0) throw new Error(made.stderr)
    const files = ['.hpm', '.hpd', '.hpc'].map((extension) => readFileSync(base + extension))
    const damagedBase = join(folder, 'damaged')
    while (Date.now() < until && failures.length < 20) {
      tries++
      const damaged = files.map((bytes) => (random() < 0.6 ? damage(bytes, random) : bytes))
      for (const [index, extension] of ['.hpm', '.hpd', '.hpc'].entries())
        writeFileSync(damagedBase + extension, damaged[index])
      const began = process.hrtime.bigint()
      const before = process.memoryUsage.rss()
      const outcome = tryToRead(damagedBase)
      const seconds = Number(process.hrtime.bigint() - began) / 1e9
      const taken = process.memoryUsage.rss() - before
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (outcome.startsWith('!')) failures.push(`try ${tries}: ${outcome}`)
      if (seconds > PATIENCE) failures.push(`try ${tries}: took ${seconds.toFixed(1)} s`)
      if (taken > MEMORY) failures.push(`try ${tries}: took ${taken} bytes of memory`)
    }
  })
  const refused = tries - (outcomes.get('read') ?? 0)
  return [
    {
      what: 'recordings and digests with random damage: read as far as they go, or refused with a HeapproofError',
      tries: `${tries.toLocaleString('en')}, ${refused.toLocaleString('en')} of them refused`,
      failures,
    },
  ]
}

/** Everything that can be asked of a profile. */
function tryToRead(base) {
  let profile
  try {
    profile = read(base)
    Array.from(profile.events())
    sites(profile)
    for (let trace = 1; trace <= Math.min(profile.traceCount, 50); trace++) profile.trace(trace)
    for (const snapshot of profile.snapshots()) snapshot.statistics('lineno')
    profile.peak()
    profile.snapshotAt(profile.duration / 2).statistics('traceback')
    return 'read'
  } catch (error) {
    if (error instanceof HeapproofError) return error.code
    return `! ${error?.stack?.split('\n').slice(0, 3).join(' | ') ?? error}`
  } finally {
    profile?.close()
  }
}

function damage(bytes, random) {
  let damaged = Buffer.from(bytes)
  const times = 1 + Math.floor(3 * random())
  for (let time = 0; time < times; time++) {
    const at = Math.floor(damaged.length * random())
    const length = Math.ceil(2 ** (8 * random()))
    const way = Math.floor(6 * random())
    if (damaged.length === 0) break
    if (way === 0) damaged[at] = Math.floor(256 * random())
    else if (way === 1) damaged[at] ^= 1 << Math.floor(8 * random())
    else if (way === 2) damaged = damaged.subarray(0, at)
    else if (way === 3) damaged = Buffer.concat([damaged.subarray(0, at), damaged.subarray(at + length)])
    else if (way === 4)
      damaged = Buffer.concat([damaged.subarray(0, at), damaged.subarray(Math.max(0, at - length))])
    else damaged.fill(Math.floor(256 * random()), at, Math.min(at + length, damaged.length))
  }
  return random() < 0.7 ? withChecksums(damaged) : damaged
}

/** The checksum of each block made right again (docs/file-format.md), so that what is in them is read. */
function withChecksums(bytes) {
  const { crc32 } = process.getBuiltinModule('node:zlib')
  const fixed = Buffer.from(bytes)
  for (let at = 24; at + 8 <= fixed.length; ) {
    const length = fixed.readUInt32LE(at)
    if (length === 0 || at + 8 + length > fixed.length) break
    fixed.writeUInt32LE(crc32(fixed.subarray(at + 8, at + 8 + length)), at + 4)
    at += 8 + length
  }
  return fixed
}

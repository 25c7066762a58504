// What the suite of benchmark/snapshots.mjs measures: functions that only compute, and such that wait for files, timers and
// threads.
import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzipSync, gzip, gzipSync } from 'node:zlib'

const zip = promisify(gzip)

export function rows(count) {
  const all = []
  for (let i = 0; i < count; i++) all.push({ id: i, name: `row ${i}`, tags: [i, i * 1.5] })
  return all
}

export function json(count) {
  return JSON.parse(JSON.stringify(rows(count)))
}

export function map(count) {
  const all = new Map()
  for (let i = 0; i < count; i++) all.set(`key ${i}`, { i })
  return all
}

export function words(count) {
  const text = Array.from({ length: count }, (_, i) => `word${i}`).join(' ')
  return text.split(/\s+/).map((word) => word.toUpperCase())
}

export function buffers(count) {
  return Array.from({ length: count }, () => Buffer.alloc(4096))
}

class Point {
  constructor(x, y) {
    this.x = x
    this.y = y
  }
}

export function points(count) {
  return Array.from({ length: count }, (_, i) => new Point(i, i / 2))
}

export function sorted(count) {
  return rows(count)
    .sort((a, b) => (a.name < b.name ? 1 : -1))
    .map(({ id }) => id)
}

export function hash(count) {
  const sum = createHash('sha256')
  for (const { name } of rows(count)) sum.update(name)
  return sum.digest('hex')
}

export function events(count) {
  const emitter = new EventEmitter()
  const seen = []
  emitter.on('row', (row) => seen.push({ row }))
  for (const row of rows(count)) emitter.emit('row', row)
  return seen
}

export function packed(count) {
  return JSON.parse(gunzipSync(gzipSync(JSON.stringify(rows(count)))).toString())
}

export function filesAtOnce(count) {
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-rows-'))
  const path = join(folder, 'rows.json')
  writeFileSync(path, JSON.stringify(rows(count)))
  const back = JSON.parse(readFileSync(path, 'utf8'))
  rmSync(folder, { recursive: true })
  return back
}

export async function files(count) {
  const folder = await mkdtemp(join(tmpdir(), 'heapproof-rows-'))
  const path = join(folder, 'rows.json')
  await writeFile(path, JSON.stringify(rows(count)))
  const back = JSON.parse(await readFile(path, 'utf8'))
  await rm(folder, { recursive: true })
  return back
}

export async function timers(count) {
  await sleep(2)
  const all = rows(count)
  await sleep(1)
  return all
}

export async function together(count) {
  const part = async (i) => {
    await null
    return rows(count / 20 + i)
  }
  return await Promise.all(Array.from({ length: 20 }, (_, i) => part(i)))
}

export async function stream(count) {
  const seen = []
  for await (const { name } of Readable.from(rows(count))) seen.push(name)
  return seen
}

export async function threads(count) {
  return await zip(JSON.stringify(rows(count)))
}

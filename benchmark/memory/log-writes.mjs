import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { start, stop } from './library.mjs'

const OBJECTS = 10_000_000
const IO = '/proc/thread-self/io'
const PROLOGUE = 24
const HEAD = 8

/**
 * What a thread writes that does nothing but allocate, recorded every 512 bytes: writes, and their bytes, as the system counts
 * them. Undefined where it does not, which is everywhere but on Linux.
 */
export function writesOfThread(base) {
  if (!existsSync(IO)) return undefined
  start(base, { samplingInterval: 512, domains: ['heap'] })
  churn(OBJECTS / 100)
  const before = io()
  churn(OBJECTS)
  const after = io()
  stop()
  return { writes: after.syscw - before.syscw, bytes: after.wchar - before.wchar }
}

function io() {
  const lines = readFileSync(IO, 'utf8').trim().split('\n')
  return Object.fromEntries(
    lines.map((line) => line.split(': ')).map(([name, count]) => [name, Number(count)]),
  )
}

function churn(count) {
  const window = new Array(64)
  for (let i = 0; i < count; i++) window[i & 63] = { a: i, b: i, c: i }
  if (window.length !== 64) throw new Error('the loop went wrong')
}

/** How many blocks a log has: each was written at once. */
export function blocksOf(path) {
  const file = openSync(path, 'r')
  const head = Buffer.alloc(HEAD)
  let blocks = 0
  for (let at = PROLOGUE; readSync(file, head, 0, HEAD, at) === HEAD; at += HEAD + head.readUInt32LE())
    blocks++
  closeSync(file)
  return blocks
}

/**
 * Runs a command that records into `base`: writes of the log, and how many of them have an allocation of V8 above them on the stack.
 * Undefined where there is no strace that knows stacks.
 */
export function writesInAllocations({ base, command, env }) {
  const options = ['-f', '-k', '-qq', '-e', 'trace=write', '-P', `${base}.hpd`]
  const { status, stderr } = spawnSync('strace', [...options, ...command], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const writes =
    stderr?.split(/^(?=(?:\[pid +\d+\] )?write\()/m).filter((text) => text.includes('\n > ')) ?? []
  if (status !== 0 || writes.length === 0) return undefined
  return {
    writes: writes.length,
    inside: writes.filter((text) => /v8::internal::\S*Alloc/.test(text)).length,
  }
}

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { ALLOCATING, folderWith, heapproof } from '../support/command-line.js'

// Ways for a program and its worker threads to end: the profiles of both are complete after each.

const WORKER = `
  const { Worker, isMainThread, parentPort } = require('node:worker_threads')
  const { writeSync } = require('node:fs')
  ${ALLOCATING}`

const inBoth = (main: string, worker: string) => `${WORKER}
  if (isMainThread) { const worker = new Worker(__filename); ${main} }
  else { parentPort.postMessage('ready'); ${worker} }`

const STAYS = `setInterval(() => {}, 1000)`

const PROGRAMS: readonly [string, program: string, code: number | string][] = [
  ['both come to their end', inBoth('', ''), 0],
  ['process.exit()', inBoth(`worker.on('exit', () => process.exit(3))`, ''), 3],
  [
    'process.exit() in the worker',
    inBoth(`worker.on('exit', (code) => { process.exitCode = code })`, 'process.exit(4)'),
    4,
  ],
  ['process.exit() in a function of the worker', inBoth('', `setTimeout(() => process.exit(5), 10)`), 0],
  [
    'an error in the worker',
    inBoth(`worker.on('error', () => { process.exitCode = 6 })`, `throw new Error('its own')`),
    6,
  ],
  ['an error in the worker that nobody handles', inBoth('', `throw new Error('its own')`), 1],
  ['worker.terminate()', inBoth(`worker.once('message', () => worker.terminate())`, STAYS), 0],
  [
    'worker.terminate() in a loop',
    inBoth(`worker.once('message', () => worker.terminate())`, `for (;;) kept.push({})`),
    0,
  ],
  [
    'process.exit() while the worker runs',
    inBoth(`worker.once('message', () => process.exit(7))`, `for (;;) {}`),
    7,
  ],
  [
    'an error while the worker runs',
    inBoth(`worker.once('message', () => { throw new Error('its own') })`, STAYS),
    1,
  ],
  [
    'a rejected promise while the worker runs',
    inBoth(`worker.once('message', async () => { throw new Error('its own') })`, STAYS),
    1,
  ],
  ['SIGTERM', inBoth(`worker.once('message', () => process.kill(process.pid, 'SIGTERM'))`, STAYS), 'SIGTERM'],
  [
    'SIGINT while the worker is in a loop',
    inBoth(`worker.once('message', () => process.kill(process.pid, 'SIGINT'))`, `for (;;) {}`),
    'SIGINT',
  ],
  ['SIGHUP sent by the worker', inBoth('', `process.kill(process.pid, 'SIGHUP'); for (;;) {}`), 'SIGHUP'],
  [
    'SIGTERM in a loop that allocates',
    inBoth(
      `worker.once('message', () => {}); for (;;) kept.push({}), kept.length > 3e5 && (kept.length = 0)`,
      `setTimeout(() => process.kill(process.pid, 'SIGTERM'), 300); for (let i = 0; i < 1e9; i++) kept.length % 3`,
    ),
    'SIGTERM',
  ],
]

test.each(PROGRAMS)('%s', (_, program, ending) => {
  const cwd = folderWith({ 'main.js': program })
  const { code, signal } = heapproof(['run', '-o', 'out', '--interval', '4096', '--', 'main.js'], { cwd })
  expect(signal ?? code).toBe(ending)
  for (const [base, thread] of [
    ['out', 0],
    ['out.t1', 1],
  ] as const) {
    using profile = read(join(cwd, base))
    expect(profile.header?.thread).toBe(thread)
    expect(profile.end).toBe('')
    const samples = Array.from(profile.events()).filter(({ kind }) => kind === 'alloc').length
    expect(samples).toBeGreaterThan(100)
  }
})

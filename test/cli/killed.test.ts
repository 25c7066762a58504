import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { childEnvironment } from '../../src/core/session/child-environment.js'
import { folderWith } from '../support/command-line.js'

// Programs that are killed at any moment, with SIGKILL: what they allocated a second before, or earlier, is in the
// profile. Each program says on stdout what it has allocated, and when, by sizes that nothing else has.

const FIRST = 5000

const PRELUDE = `
  const { writeSync } = require('node:fs')
  const kept = []
  const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  let count = 0
  function mark() {
    const n = ${FIRST} + 100 * count++
    kept.push(new ArrayBuffer(1e6 + n), new Array(n))
    writeSync(1, n + ' ' + Date.now() + '\\n')
  }
  function some() { for (let i = 0; i < 5; i++) { mark(); pause(3) } }
`

const PROGRAMS: Readonly<Record<string, string>> = {
  'allocates, then only computes': `some(); for (;;) kept.length % 7`,
  'allocates in a loop': `for (;;) { mark(); for (let t = Date.now(); Date.now() < t + 15;) kept.length % 7 }`,
  'waits for a lock': `some(); pause(1e6)`,
  'waits for a child': `some(); require('node:child_process').execSync('sleep 3', { stdio: 'ignore' })`,
  'allocates, and is idle': `setInterval(mark, 30)`,
  'is idle': `some(); setInterval(() => {}, 1e6)`,
}

/** The buffer, and the elements of the array: alone, or in one piece with headers and what V8 puts behind them. */
const isThere = (n: number, sizes: readonly number[]) =>
  sizes.includes(1e6 + n) && sizes.some((size) => size >= 8 * n && size <= 8 * n + 100)

/** Numbers between 0 and 1, the same in each run: a linear congruential generator. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    yield state / 2 ** 31
  }
}

interface Mark {
  readonly n: number
  readonly time: number
}

/** Starts the program and kills it so many milliseconds after its first mark. */
async function killed(
  program: string,
  base: string,
  after: number,
  source: 'direct' | 'polled',
): Promise<{ marks: Mark[]; safe: number }> {
  const folder = folderWith({ 'main.js': PRELUDE + program })
  const child = spawn(process.execPath, ['main.js'], {
    cwd: folder,
    env: { ...process.env, ...childEnvironment(base, { samplingInterval: 64, source }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const closed = new Promise((resolve) => child.once('close', resolve))
  await new Promise((resolve) => {
    child.stdout.on('data', (data) => {
      said += data
      resolve(undefined)
    })
  })
  const planned = Date.now() + after
  await sleep(after)
  const now = Date.now()
  child.kill('SIGKILL')
  await closed
  const marks = said
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').map(Number) as [number, number])
    .map(([n, time]) => ({ n, time }))
  // On a machine that is so busy that we are late, others are too.
  return { marks, safe: now - 1000 - 2 * (now - planned) }
}

const moments = numbers(20)

/** The polled source learns of objects when V8 can be asked, which is not where the thread waits. */
const POLLED = Object.entries(PROGRAMS).filter(([name]) => !name.startsWith('waits'))

describe.each([
  ['direct', Object.entries(PROGRAMS)],
  ['polled', POLLED],
] as const)('%s', (source, programs) => {
  test.each(programs)('%s', async (_, program) => {
    const folder = folderWith()
    const runs = Array.from({ length: 4 }, (__, index) => ({
      base: join(folder, `run${index}`),
      after: 1050 + 900 * moments.next().value,
    }))
    await Promise.all(
      runs.map(async ({ base, after }) => {
        const { marks, safe } = await killed(program, base, after, source)
        using profile = read(base)
        expect(profile.end).toBeUndefined()
        const sizes: number[] = []
        for (const event of profile.events()) if (event.kind === 'alloc') sizes.push(event.size)
        const old = marks.filter(({ time }) => time <= safe)
        const missing = old.filter(({ n }) => !isThere(n, sizes))
        expect(missing).toEqual([])
        expect(marks.length).toBeGreaterThan(4)
      }),
    )
  })
})

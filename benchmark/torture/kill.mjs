import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inFolder, manyAtOnce } from './process.mjs'

const { childEnvironment, read } = await import('../../dist/index.js')

const FIRST = 5000

/** Allocates buffers that nothing else is as large as, and says so: their number and the time. */
const PROGRAM = `
  const { writeSync } = require('node:fs')
  const kept = []
  let count = 0
  function mark() {
    const n = ${FIRST} + count++
    kept.push(new ArrayBuffer(1e6 + n))
    if (kept.length > 50) kept.shift()
    for (let i = 0; i < 2000; i++) kept[i % kept.length].row = { i, row: [i] }
    writeSync(1, n + ' ' + Date.now() + '\\n')
  }
  setInterval(mark, 10)
`

/**
 * Programs that are killed by SIGKILL at a random moment of three seconds: the profile opens, and has all that was allocated
 * more than a second before. The seconds count from the beginning of every other process, start-up included, and from the
 * first allocation of the rest: on a busy machine starting can take all of them.
 */
export async function kill({ scale, random }) {
  const count = Math.ceil(1000 * scale)
  const failures = []
  let marks = 0
  let unwritten = 0
  await inFolder((folder) =>
    manyAtOnce(count, 6, async (index) => {
      const after = 3000 * random()
      const base = join(folder, `run${index}`)
      try {
        const seen = await killed(base, after, index % 2 === 0)
        marks += seen.marks
        if (!seen.exists) unwritten++
        if (seen.missing.length > 0)
          failures.push(`after ${after.toFixed(0)} ms: not in the profile: ${seen.missing.join(', ')}`)
      } catch (error) {
        failures.push(`after ${after.toFixed(0)} ms: ${error}`)
      }
    }),
  )
  const early = unwritten > 0 ? `, ${unwritten} of them before there was a file` : ''
  return [
    {
      what: 'kill -9 at a random moment: the profile opens, and what was allocated a second before is in it',
      tries: `${count} programs${early}; ${marks.toLocaleString('en')} allocations looked for`,
      failures,
    },
  ]
}

async function killed(base, after, fromStart) {
  const child = spawn(process.execPath, ['--eval', PROGRAM], {
    env: { ...process.env, ...childEnvironment(base, { samplingInterval: 64 }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (data) => (said += data))
  const closed = new Promise((resolve) => child.once('close', resolve))
  if (!fromStart) await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), closed])
  const planned = Date.now() + after
  await sleep(after)
  const now = Date.now()
  child.kill('SIGKILL')
  await closed
  // On a machine that is so busy that we are late, others are too.
  const safe = now - 1000 - 2 * (now - planned)
  const rows = said
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').map(Number))
  const old = rows.filter(([, time]) => time <= safe).map(([n]) => n)
  const sizes = sizesIn(base)
  return { exists: sizes !== undefined, marks: old.length, missing: old.filter((n) => !sizes?.has(1e6 + n)) }
}

/** All sizes in a recording; undefined when it was killed before there was one. */
function sizesIn(base) {
  let profile
  try {
    profile = read(base)
  } catch (error) {
    if (error.code === 'profile-not-found') return undefined
    throw error
  }
  try {
    const sizes = new Set()
    for (const event of profile.events()) if (event.kind === 'alloc') sizes.add(event.size)
    return sizes
  } finally {
    profile.close()
  }
}

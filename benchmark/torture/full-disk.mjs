import { join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'
import { finished, inFolder, LIBRARY, manyAtOnce } from './process.mjs'

const { read } = await import('../../dist/index.js')

const PROGRAM = join(root, 'test/native/fixtures/storms/disk.cjs')
const PHASES = ['first', 'events', 'metadata', 'stop']

/**
 * Programs that record where no file can grow beyond a random size: `stop()` says so when it was too small, the program
 * ends as it would have, and what was written is read.
 */
export async function fullDisk({ scale, random }) {
  const count = Math.ceil(300 * scale)
  const failures = []
  let full = 0
  await inFolder((folder) =>
    manyAtOnce(count, 2, async (index) => {
      const blocks = Math.floor(2 ** (12 * random())) - 1 // of 512 bytes: up to 2 MB, small ones more often
      const phase = PHASES[index % PHASES.length]
      const base = join(folder, `run${index}`)
      const shell = `ulimit -f ${blocks}; exec "$0" "$@"`
      const { code, signal, stdout, stderr } = await finished(
        'sh',
        ['-c', shell, process.execPath, PROGRAM, LIBRARY, base, phase],
        { env: { ...process.env, NODE_OPTIONS: '' } },
      )
      const name = `${phase}, files up to ${blocks * 512} bytes`
      try {
        if (code !== 0 || stderr !== '')
          throw new Error(`ended with ${signal ?? code}: ${stderr.slice(0, 300)}`)
        const told = JSON.parse(stdout)
        if (told.stop !== undefined) full++
        if (told.stop !== undefined && !/^sampler-failed: .*EFBIG/.test(told.stop)) throw new Error(told.stop)
        walk(base)
      } catch (error) {
        failures.push(`${name}: ${error.message}`)
      }
    }),
  )
  return [
    {
      what: 'a disk that is full at a random moment: an error of stop(), and a profile up to there',
      tries: `${count} programs, on ${full} of them the disk was full`,
      failures,
    },
  ]
}

/** Reads a recording to its end. */
function walk(base) {
  const profile = read(base)
  try {
    for (const event of profile.events()) {
      if (event.kind === 'alloc' && event.trace > profile.traceCount)
        throw new Error(`trace ${event.trace} of ${profile.traceCount}`)
    }
  } finally {
    profile.close()
  }
}

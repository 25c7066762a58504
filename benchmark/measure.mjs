import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { child } from './paths.mjs'

/**
 * Runs every work in every way, once per round, each in a process of its own, in an order that is drawn anew for each
 * round: what disturbs the machine for a while disturbs all ways alike.
 *
 * @returns [{ work, way, ...numbers }], one entry per run
 */
export function measureAll({ works, ways, rounds, sizeOf, instrument, onProgress, onRun }) {
  const pairs = Object.keys(works).flatMap((work) => Object.keys(ways).map((way) => ({ work, way })))
  const runs = []
  for (let round = 1; round <= rounds; round++) {
    for (const { work, way } of shuffled(pairs)) {
      onProgress(`round ${round} of ${rounds}, ${work}: ${ways[way].title}`)
      const numbers = measureOne(work, works[work], ways[way], sizeOf(works[work]), instrument)
      const run = { round, work, way, ...numbers }
      runs.push(run)
      onRun(run)
    }
  }
  return runs
}

function measureOne(name, { program }, way, size, instrument) {
  const folder = mkdtempSync(join(tmpdir(), 'heapproof-benchmark-'))
  try {
    const base = join(folder, 'profile')
    const script = program ? [fileURLToPath(program)] : [child, name, String(size)]
    const command = [process.execPath, ...way.options({ base }), ...script]
    return instrument.measure(command, { folder, env: way.variables?.({ base }) ?? {} })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function shuffled(items) {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

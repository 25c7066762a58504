import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { root, sourceDigest } from '../../native/build/source-digest.mjs'

/** Where all of it is built. Not build/, which node-gyp empties. */
export const folder = join(root, '.native-tests')

/** The .cc files of some folders, relative to the root. */
export function sourcesIn(...folders) {
  return folders.flatMap((each) =>
    readdirSync(join(root, each))
      .filter((name) => name.endsWith('.cc'))
      .sort()
      .map((name) => join(each, name)),
  )
}

/**
 * Compiles and links `sources` to `output` in {@link folder}, as many files at a time as there are processors. Nothing is
 * done when that output was made from the same files with the same options. Throws what the compiler said.
 *
 * @param from files and folders that all of it depends on
 */
export async function compile({ output, sources, options, link = [], from }) {
  const target = join(folder, output)
  const objects = join(dirname(target), 'objects')
  const stampFile = `${target}.stamp`
  const stamp = JSON.stringify({ digest: sourceDigest(from), node: process.version, sources, options, link })
  if (existsSync(target) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return target
  rmSync(stampFile, { force: true })
  mkdirSync(objects, { recursive: true })

  const waiting = [...sources]
  const worker = async () => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      await compiler([...options, '-c', source, '-o', objectOf(objects, source)])
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  await compiler([...options, ...sources.map((source) => objectOf(objects, source)), ...link, '-o', target])
  writeFileSync(stampFile, stamp)
  return target
}

function objectOf(objects, source) {
  return join(objects, `${source.replaceAll('/', '-')}.o`)
}

function compiler(args) {
  return new Promise((resolve, reject) => {
    const child = spawn('g++', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`g++ failed: ${args.join(' ')}`))))
  })
}

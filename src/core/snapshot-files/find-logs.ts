import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { HeapproofError } from '../errors.js'
import type { LoggedSnapshot } from '../snapshot/log.js'
import { LOGS } from '../snapshot/log-path.js'
import { readLogs } from '../snapshot/read-log.js'

/** What a run measured for its snapshots, and where in the artifact that was found. */
export interface FoundLogs {
  /** The folder around `.heapproof`, relative to the artifact: that of a project among several, or of a shard. */
  readonly folder: string
  readonly logged: readonly LoggedSnapshot[]
}

const PASSED_OVER = ['node_modules', '.git']

/**
 * Finds what the tests of a run measured for their snapshots, anywhere in a directory: in a `.heapproof` folder, in
 * several, or in what such a folder had in it.
 *
 * @throws HeapproofError `artifact-not-found` when there is none; the codes of `readLogs`.
 */
export function findLogs(artifact: string): FoundLogs[] {
  if (statSync(artifact, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new HeapproofError('artifact-not-found', `${artifact}: there is no such directory`)
  }
  const found: FoundLogs[] = []
  const folders = [artifact]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true }).reverse()) {
      if (!entry.isDirectory() || PASSED_OVER.includes(entry.name)) continue
      if (entry.name !== LOGS) {
        folders.push(join(folder, entry.name))
        continue
      }
      const logged = readLogs(folder)
      const around = basename(folder) === '.heapproof' ? dirname(folder) : folder
      if (logged.length > 0) found.push({ folder: relative(artifact, around), logged })
    }
  }
  if (found.length > 0) return found
  throw new HeapproofError(
    'artifact-not-found',
    `${artifact}: nothing below it that tests measured for heap snapshots; runs with toMatchHeapSnapshot leave that in ` +
      `.heapproof/${LOGS}`,
  )
}

import { existsSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { segments, slug } from '../expect/profiles.js'

/** Folder of the logs in `.heapproof`. */
export const LOGS = 'snapshots'

/** Where the log of a test file is. */
export function logPath(root: string, project: string, testFile: string): string {
  const folders = [...(project === '' ? [] : [slug(project)]), ...segments(relative(root, testFile))]
  return `${join(root, '.heapproof', LOGS, ...folders)}.jsonl`
}

/**
 * Removes what an earlier run of a test file left: it may have no snapshots any more. What cannot be removed is told when
 * there is something to be written.
 */
export function removeLog(root: string, project: string, testFile: string): void {
  try {
    const path = logPath(root, project, testFile)
    if (existsSync(path)) rmSync(path, { force: true }) // most have none, and asking costs less
  } catch {}
}

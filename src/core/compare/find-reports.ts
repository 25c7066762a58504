import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HeapproofError } from '../errors.js'

/** What a report begins with, whatever white space is in between. */
const BEGIN = /^\s*\{\s*"format"\s*:\s*"heapproof-report"/
const HEAD = 256

/** Folders in which nobody keeps reports, and which take long to walk through. */
const PASSED_OVER = ['node_modules', '.git']

/**
 * Paths of the reports in a directory and below it, in the order of their names; a path of a file is that file. Links to
 * directories are not followed.
 *
 * @throws HeapproofError `report-not-found` when there is nothing at the path, or no report below it.
 */
export function findReports(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw notFound(path, 'there is no such directory')
  if (stats.isFile()) return [path]
  const found: string[] = []
  const folders = [path]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      const below = join(folder, entry.name)
      if (entry.isDirectory() && !PASSED_OVER.includes(entry.name)) folders.push(below)
      else if (entry.isFile() && entry.name.endsWith('.json') && isReport(below)) found.push(below)
    }
  }
  if (found.length === 0) {
    throw notFound(path, 'no report below it; runs with heapproof leave one in .heapproof/report.json')
  }
  return found.sort()
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    throw new HeapproofError('cannot-read', `${folder}: cannot be read: ${(error as Error).message}`)
  }
}

/** Judges by the first bytes: a directory may hold many and large files of others. */
function isReport(path: string): boolean {
  const bytes = Buffer.alloc(HEAD)
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return false // of no concern, as long as nobody named it
  }
  try {
    return BEGIN.test(bytes.toString('utf8', 0, readSync(descriptor, bytes)))
  } finally {
    closeSync(descriptor)
  }
}

function notFound(path: string, why: string): HeapproofError {
  return new HeapproofError('report-not-found', `${path}: ${why}`)
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HeapproofError } from '../errors.js'
import type { LoggedSnapshot } from './log.js'
import { LOGS } from './log-path.js'

/**
 * Reads what the tests of a run measured for their snapshots, from its `.heapproof` folder; empty when no test has any.
 * Of several lines for a snapshot, as retries leave them, the last one counts. A line that was cut off is left out.
 *
 * @throws HeapproofError `cannot-read` when a log is there and cannot be read; `damaged-log` for a line that is none.
 */
export function readLogs(home: string): LoggedSnapshot[] {
  const folder = join(home, LOGS)
  return logFiles(folder).flatMap((file) => readLog(join(folder, file)))
}

/** Reads one log. @throws HeapproofError as {@link readLogs}. */
export function readLog(path: string): LoggedSnapshot[] {
  const lines = readText(path).split('\n')
  lines.pop() // empty, or what was being written when the process ended
  const logged = new Map<string, LoggedSnapshot>()
  for (const [index, line] of lines.entries()) {
    const entry = readLine(line)
    if (entry === undefined) {
      throw new HeapproofError(
        'damaged-log',
        `${path}, line ${index + 1}: expected what a test measured for a snapshot, as JSON of version 1`,
      )
    }
    const { snapshotFile, key, inline } = entry
    logged.set(
      [snapshotFile, inline === undefined ? key : `${inline.line}:${inline.column}`].join('\0'),
      entry,
    )
  }
  return [...logged.values()]
}

function logFiles(folder: string): string[] {
  try {
    return (readdirSync(folder, { recursive: true }) as string[])
      .filter((file) => file.endsWith('.jsonl'))
      .sort()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw unreadable(folder, error)
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): HeapproofError {
  return new HeapproofError('cannot-read', `cannot read ${path}: ${(error as Error).message}`)
}

function readLine(line: string): LoggedSnapshot | undefined {
  try {
    const value = JSON.parse(line) as Partial<LoggedSnapshot> | null
    const texts = [
      value?.testFile,
      value?.test,
      value?.snapshotFile,
      value?.key,
      value?.outcome,
      value?.block,
    ]
    if (value?.version !== 1 || !texts.every((text) => typeof text === 'string')) return undefined
    if (typeof value.digest !== 'object' || value.digest === null) return undefined
    return value as LoggedSnapshot
  } catch {
    return undefined
  }
}

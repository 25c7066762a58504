import { closeSync, openSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

// The profiles of one run. Main threads:  BASE             the program itself
//                                         BASE.p1234       a process it started
//                                         BASE.p1234-2     another one that got the same pid, once the first had ended
// and worker threads beside them:         BASE.t3, BASE.p1234.t3

/** One profile of a run. */
export interface Part {
  readonly fileBase: string
  /** Undefined for the program itself. */
  readonly pid: number | undefined
  /** Which of the processes that had this pid, from 1. */
  readonly turn: number
  /** Thread id as in `worker_threads`; 0 is the main thread. */
  readonly thread: number
}

/** What a process or thread that could not be recorded leaves behind in place of its profile. */
export const FAILURE_EXTENSION = 'error'

/**
 * A file base that no other process or thread of the run has: an empty .hpm is there, made by us alone, until the
 * recording puts its own in its place.
 */
export function claimProcessBase(fileBase: string, pid: number): string {
  if (claim(fileBase)) return fileBase
  for (let turn = 1; ; turn++) {
    const own = turn === 1 ? `${fileBase}.p${pid}` : `${fileBase}.p${pid}-${turn}`
    if (claim(own)) return own
  }
}

/** The file base of a worker thread. Ids of threads are not used twice in a process. */
export function threadBase(processBase: string, thread: number): string {
  return `${processBase}.t${thread}`
}

/** All profiles at a file base: the program itself first, then its processes and threads by number. */
export function partsOf(fileBase: string): Part[] {
  return filesOf(fileBase)
    .filter(({ extension }) => extension === 'hpm')
    .map(({ part }) => part)
    .sort(byNumber)
}

/** What {@link FAILURE_EXTENSION} files there are. */
export function failuresOf(fileBase: string): Part[] {
  return filesOf(fileBase)
    .filter(({ extension }) => extension === FAILURE_EXTENSION)
    .map(({ part }) => part)
    .sort(byNumber)
}

/** Removes all profiles of a former run: a process of the next one may not have the pids of this one. */
export function removeParts(fileBase: string): void {
  for (const { path } of filesOf(fileBase)) rmSync(path, { force: true })
}

function claim(fileBase: string): boolean {
  try {
    closeSync(openSync(`${fileBase}.hpm`, 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const SUFFIX = /^(?:\.p(\d+)(?:-(\d+))?)?(?:\.t(\d+))?\.(hpm|hpd|hpc|error)$/

function filesOf(fileBase: string): { path: string; part: Part; extension: string }[] {
  const folder = dirname(fileBase)
  const name = basename(fileBase)
  return readdirSync(folder).flatMap((entry) => {
    const match = entry.startsWith(name) ? SUFFIX.exec(entry.slice(name.length)) : null
    if (match === null) return []
    const [, pid, turn, thread, extension] = match as unknown as [string, ...(string | undefined)[]]
    const part = {
      fileBase: fileBase + entry.slice(name.length, -1 - (extension as string).length),
      pid: pid === undefined ? undefined : Number(pid),
      turn: Number(turn ?? 1),
      thread: Number(thread ?? 0),
    }
    return [{ path: join(folder, entry), part, extension: extension as string }]
  })
}

function byNumber(left: Part, right: Part): number {
  return (left.pid ?? 0) - (right.pid ?? 0) || left.turn - right.turn || left.thread - right.thread
}

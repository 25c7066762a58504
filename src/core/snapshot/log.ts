import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { makeHome } from '../expect/profiles.js'
import { logPath } from './log-path.js'
import type { HeapDigest } from './types.js'

/** What came of a snapshot in a run. */
export type Outcome = 'new' | 'same' | 'grew' | 'smaller' | 'not-comparable'

/** What a run measured for one snapshot: a line of a log, as JSON. */
export interface LoggedSnapshot {
  readonly version: 1
  /** Path of the test file, relative to the root of the project, with forward slashes. */
  readonly testFile: string
  /** Full name of the test. */
  readonly test: string
  /** Where the snapshot is stored, relative to the root: a `.snap` file, or the source file when it is inline. */
  readonly snapshotFile: string
  /** Its key in the `.snap` file. */
  readonly key: string
  /** Where an inline snapshot is, from 1: the name of the matcher in the source. Absent for others. */
  readonly inline?: { readonly line: number; readonly column: number }
  readonly outcome: Outcome
  /** The block that this run would store: for `applyBlock`. Lines within tolerance are as they are stored already. */
  readonly block: string
  readonly digest: HeapDigest
}

/**
 * Keeps what the tests of a file measured for their snapshots, whatever came of them, in
 * `.heapproof/snapshots/<project>/<test file>.jsonl`: a line for each, and of lines with the same key the last one counts.
 * Made when a test file begins; what an earlier run left for it is removed.
 */
export class SnapshotLog {
  readonly #root: string
  readonly #path: string
  #made = false

  constructor(root: string, project: string, testFile: string) {
    this.#root = root
    this.#path = logPath(root, project, testFile)
    this.#attempt(() => rmSync(this.#path, { force: true }))
  }

  /** A log that cannot be written fails no test: it is a copy of what the test says. */
  add(logged: LoggedSnapshot): void {
    this.#attempt(() => {
      if (!this.#made) {
        makeHome(join(this.#root, '.heapproof'))
        mkdirSync(dirname(this.#path), { recursive: true })
        this.#made = true
      }
      appendFileSync(this.#path, `${JSON.stringify(logged)}\n`)
    })
  }

  #attempt(write: () => void): void {
    try {
      write()
    } catch (error) {
      process.stderr.write(`heapproof: cannot write ${this.#path}: ${(error as Error).message}\n`)
    }
  }
}

/** A path as it is written in snapshots and logs: relative to the root, with forward slashes, on any machine the same. */
export function portablePath(root: string, path: string): string {
  if (path === '' || /^[a-z][a-z+.-]+:/i.test(path)) return path
  // Where a package lies depends on who installed it.
  const inPackage = path.split(sep).lastIndexOf('node_modules')
  if (inPackage >= 0) return path.split(sep).slice(inPackage).join('/')
  return relative(root, path).split(sep).join('/')
}

import { closeSync, constants, copyFileSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addon } from '../addon.js'
import { HeapproofError } from '../errors.js'
import { makeHome } from '../expect/profiles.js'
import type { ResolveSourceMap } from '../frames/annotate.js'
import { isQuiet, makeRoom } from '../session/make-room.js'
import { type QuietFiles, startQuietly } from '../session/start.js'
import { threadId } from '../thread.js'
import type { Lines } from './lines.js'

const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND

/** Records the body of each test. What is written is thrown away unless somebody keeps it. */
export interface Recorder {
  /** Begins, unless the program records something itself. */
  start(): void
  stop(): void
  /** The lines that allocated most; undefined when nothing was recorded. */
  lines(root: string): Promise<Lines | undefined>
  /** Whether there is a recording of the whole body. */
  readonly isWhole: boolean
  /** Copies what was recorded to a file base in a directory that exists. @throws HeapproofError `cannot-write`. */
  keep(fileBase: string): void
}

/**
 * A recorder that writes each recording to two files of the same names, in `<root>/.heapproof/.running`, until the next one
 * or `close()`. The files are made anew each time: when one that was cut to nothing is written and closed again, ext4 writes
 * it to the disk at once, some milliseconds, while one that is removed soon enough never gets there.
 */
export class FileRecorder implements Recorder {
  readonly samplingInterval: number
  /** How many profiles were kept. */
  kept = 0
  readonly #fileBase: string
  readonly #resolve: ResolveSourceMap | undefined
  #files: QuietFiles | undefined
  #isPrepared = false
  #recorded = false
  /** The test recorded something itself, or a matcher in it did: what came after that is missing. */
  #interrupted = false

  constructor(root: string, samplingInterval: number, resolve?: ResolveSourceMap) {
    this.samplingInterval = samplingInterval
    this.#resolve = resolve
    this.#fileBase = join(root, '.heapproof', '.running', `${process.pid}-${threadId()}`)
  }

  start(): void {
    this.#recorded = false
    this.#interrupted = false
    const native = addon()
    makeRoom() // of a test that timed out
    if (native.isProfiling()) return
    this.#discard()
    this.#files = this.#open()
    try {
      startQuietly(this.#files, { samplingInterval: this.samplingInterval })
      this.#recorded = true
    } catch (error) {
      if (!(error instanceof HeapproofError)) throw error // the sampler is in use elsewhere: no lines then
    }
  }

  stop(): void {
    if (isQuiet()) makeRoom()
    else this.#interrupted = true
  }

  get isWhole(): boolean {
    return this.#recorded && !this.#interrupted
  }

  async lines(root: string): Promise<Lines | undefined> {
    if (!this.#recorded) return undefined
    // Loaded when there is something to read: in many test files no test allocates enough for that.
    const { linesOf } = await import('./lines.js')
    return linesOf(this.#fileBase, root, this.#resolve)
  }

  keep(fileBase: string): void {
    if (!this.#recorded) return
    this.kept++
    for (const end of ['.hpd', '.hpm']) {
      try {
        rmSync(fileBase + end, { force: true })
        copyFileSync(this.#fileBase + end, fileBase + end)
      } catch (error) {
        throw new HeapproofError(
          'cannot-write',
          `cannot keep a profile at ${fileBase}: ${(error as Error).message}`,
        )
      }
    }
  }

  /** Ends the recording under way and takes the files away. */
  close(): void {
    this.stop()
    this.#discard()
    this.#recorded = false
  }

  #discard(): void {
    if (this.#files === undefined) return
    closeSync(this.#files.hpm)
    closeSync(this.#files.hpd)
    for (const end of ['.hpm', '.hpd']) rmSync(this.#fileBase + end, { force: true })
    this.#files = undefined
  }

  #open(): QuietFiles {
    if (!this.#isPrepared) this.#prepare()
    this.#isPrepared = true
    return {
      hpm: openSync(`${this.#fileBase}.hpm`, WRITE, 0o600),
      hpd: openSync(`${this.#fileBase}.hpd`, WRITE, 0o600),
      fileBase: this.#fileBase,
    }
  }

  #prepare(): void {
    const folder = dirname(this.#fileBase)
    makeHome(dirname(folder))
    mkdirSync(folder, { recursive: true })
    addon().knowsBaselineLines() // looks once for what it needs; not in a test
  }
}

import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Addon, addon, SUM_TOTALS } from '../addon.js'
import { HeapproofError } from '../errors.js'
import { makeHome } from '../expect/profiles.js'
import type { ResolveSourceMap } from '../frames/annotate.js'
import type { FindMapper } from '../frames/resolve.js'
import { timesAside } from '../measure/aside.js'
import { makeLinesExact } from '../session/exact-lines.js'
import { isQuiet, makeRoom } from '../session/make-room.js'
import { quietStarter } from '../session/start.js'
import { threadId } from '../thread.js'
import type { Lines, RecordedBytes } from './lines.js'
import type { Aside } from './without-aside.js'

const ENDS = ['hpd', 'hpm'] as const
const NO_LINES: Lines = { sites: [], all: [], error: 0 }

/** Records the body of each test. What is written is thrown away unless somebody keeps it. */
export interface Recorder {
  /** Begins, unless the program records something itself. */
  start(): void
  stop(): void
  /**
   * The lines that allocated most, without what matchers called; undefined when nothing was recorded. `allocated` is what
   * was counted, without that as well.
   */
  lines(root: string, allocated: Aside['allocated']): Promise<Lines | undefined>
  /** Whether there is a recording of the whole body. */
  readonly isWhole: boolean
  /** How many were begun: as long as it stays the same, what was recorded last is still there. */
  readonly begun: number
  /** Copies what was recorded to a file base in a directory that exists. @throws HeapproofError `cannot-write`. */
  keep(fileBase: string): Promise<void>
}

/**
 * A recorder that keeps each recording in memory until the next one or `close()`; a long one in two files, in
 * `<root>/.heapproof/.running`.
 *
 * To be made before the code under test is loaded: from then on V8 runs only code whose lines can be told.
 */
export class FileRecorder implements Recorder {
  readonly samplingInterval: number
  begun = 0
  readonly #fileBase: string
  readonly #resolve: ResolveSourceMap | undefined
  #findMapper: FindMapper | undefined
  #begin: ReturnType<typeof quietStarter> | undefined
  #hasFolder = false
  #recorded = false
  /** What was recorded, unless it is in files. */
  #bytes: RecordedBytes | undefined
  #hasFiles = false
  /** What its samples come to: see `recordedSums`. */
  #sums: Float64Array = new Float64Array()
  /** When matchers were at work. */
  #times: readonly number[] = []
  /** The test recorded something itself, or a matcher in it did: what came after that is missing. */
  #interrupted = false

  constructor(root: string, samplingInterval: number, resolve?: ResolveSourceMap) {
    this.samplingInterval = samplingInterval
    this.#resolve = resolve
    this.#fileBase = join(root, '.heapproof', '.running', `${process.pid}-${threadId()}`)
    makeLinesExact(addon(), true)
  }

  start(): void {
    this.begun++
    this.#recorded = false
    this.#interrupted = false
    this.#bytes = undefined
    this.#removeFiles() // or they would be taken for those of the next recording, if it cannot write its own
    const native = addon()
    makeRoom() // of a test that timed out
    if (native.isProfiling()) return
    this.#makeFolder()
    try {
      this.#begin ??= quietStarter(this.#fileBase, { samplingInterval: this.samplingInterval })
      this.#begin((recorded) => {
        this.#bytes = recorded && { hpm: recorded[0], hpd: recorded[1] }
        this.#hasFiles = recorded === undefined
        this.#sums = native.recordedSums()
      })
      this.#recorded = true
      this.#times = timesAside(clockOf(native))
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

  async lines(root: string, allocated: Aside['allocated']): Promise<Lines | undefined> {
    if (!this.#isReadable()) return undefined
    // Not one sample fell into it, as into most tests that allocate less than the interval.
    if (this.#sums.length === SUM_TOTALS) return NO_LINES
    // Loaded when there is something to read: in many test files no test allocates enough for that.
    const { linesIn, mappersOf } = await import('./lines.js')
    this.#findMapper ??= mappersOf(this.#resolve)
    const aside = { times: this.#times, allocated: this.isWhole ? allocated : undefined }
    return linesIn(this.#fileBase, { bytes: this.#bytes, sums: this.#sums }, root, this.#findMapper, aside)
  }

  async keep(fileBase: string): Promise<void> {
    if (!this.#isReadable()) return
    const { annotateKept } = await import('./lines.js')
    for (const end of ENDS) {
      const path = `${fileBase}.${end}`
      try {
        rmSync(path, { force: true })
        if (this.#bytes !== undefined) writeFileSync(path, this.#bytes[end], { mode: 0o600 })
        else copyFileSync(`${this.#fileBase}.${end}`, path)
      } catch (error) {
        throw new HeapproofError(
          'cannot-write',
          `cannot keep a profile at ${fileBase}: ${(error as Error).message}`,
        )
      }
    }
    annotateKept(fileBase, this.#resolve)
  }

  /** Ends the recording under way and takes the files away. */
  close(): void {
    this.stop()
    this.#recorded = false
    this.#bytes = undefined
    if (!this.#hasFolder) return
    this.#hasFolder = false
    this.#removeFiles()
    addon().holdSampler(false)
  }

  /** A long recording cannot be read when it could not be written: the disk is full, or the test has removed the folder. */
  #isReadable(): boolean {
    if (!this.#recorded || this.#bytes !== undefined) return this.#recorded
    return ENDS.every((end) => existsSync(`${this.#fileBase}.${end}`))
  }

  #removeFiles(): void {
    if (!this.#hasFiles) return
    this.#hasFiles = false
    for (const end of ENDS) rmSync(`${this.#fileBase}.${end}`, { force: true })
  }

  #makeFolder(): void {
    if (this.#hasFolder) return
    this.#hasFolder = true
    const folder = dirname(this.#fileBase)
    if (!existsSync(folder)) {
      makeHome(dirname(folder))
      mkdirSync(folder, { recursive: true })
    }
    addon().holdSampler(true)
  }
}

/** Made here, because it outlives the test file: in `start()` it would keep the recorder, and with it all that Jest loaded. */
function clockOf(native: Pick<Addon, 'elapsed' | 'flush'>): () => number {
  return () => {
    if (!isQuiet()) return Number.POSITIVE_INFINITY // the recording is over
    native.flush() // V8's own sampler is asked now and then what there was, and that is when it was
    return native.elapsed()
  }
}

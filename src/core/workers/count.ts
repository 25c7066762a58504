import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import type { Worker, WorkerOptions } from 'node:worker_threads'
import { type Addon, addon, COUNTERS } from '../addon.js'
import { HeapproofError } from '../errors.js'
import type { Job } from '../measure/drive.js'
import { packageRoot } from '../package-root.js'
import { plural } from '../text/plural.js'
import { makeWith } from './construct.js'
import { SHARED } from './shared.js'

type Threads = typeof import('node:worker_threads')
type Counter = Pick<Addon, 'addWorkers'>

/**
 * Runs a job that calls functions wrapped by {@link Workers.watch}. As long as it runs, each worker thread that is started
 * here, and each that such a one starts, reports what it allocates when it ends, from its first module on; the counters of
 * this thread are read with it.
 *
 * For that `Worker` of `node:worker_threads` is ours meanwhile: it adds a `--require` to the flags of the thread.
 */
export function* countingWorkers<T>(job: (workers: Workers) => Job<T>): Job<T> {
  const workers = new Workers(addon())
  try {
    return yield* job(workers)
  } finally {
    workers.end()
  }
}

/** The worker threads that are started while it lives. */
export class Workers {
  readonly #addon: Counter
  readonly #shared = new SharedArrayBuffer((1 + COUNTERS) * Float64Array.BYTES_PER_ELEMENT)
  readonly #sums = new Float64Array(this.#shared)
  readonly #node: NodeJS.Process = process.getBuiltinModule('node:process')
  readonly #threads: Threads = process.getBuiltinModule('node:worker_threads')
  readonly #theirs = this.#threads.Worker
  readonly #mine: Threads['Worker']
  /** Of a test around this, which counts threads as well: those of this are not among them. */
  readonly #outer = this.#threads.getEnvironmentData(SHARED) as SharedArrayBuffer | undefined
  #isOver = false
  /** Those of the call under way that are made by us, */
  readonly #ours = new Set<Worker>()
  /** and those that are not: their `Worker` was taken from its module before. */
  #others = 0
  #most = 0

  constructor(addon: Counter) {
    this.#addon = addon
    addon.addWorkers(this.#shared)
    this.#threads.setEnvironmentData(SHARED, this.#shared)
    this.#mine = this.#replacement()
    this.#threads.Worker = this.#mine
    syncBuiltinESMExports()
    this.#node.on('worker', this.#seen)
  }

  /** The most threads of one call. */
  get most(): number {
    return this.#most
  }

  /**
   * A function that calls `fn` and makes sure that all is counted which it starts. It returns a promise.
   *
   * It throws HeapproofError `not-counted` when a thread still runs at the end of a call, or could not be counted.
   */
  watch(what: string, fn: () => unknown): () => Promise<void> {
    return async () => {
      this.#ours.clear()
      this.#others = 0
      const before = this.#ended
      await fn()
      // Node tells of a new worker in its next tick.
      await new Promise<void>((resolve) => this.#node.nextTick(resolve))
      const problem = this.#problem('the function', this.#running, this.#ended - before)
      if (problem !== undefined) throw new HeapproofError('not-counted', `${what}: ${problem}`)
      this.#most = Math.max(this.#most, this.#ended - before)
    }
  }

  end(): void {
    this.#detach()
    this.#node.off('worker', this.#seen)
  }

  /**
   * Ends it where there is no call to wait for. A promise of why not all was counted that was started meanwhile: a clause
   * that calls `whose` it was, or undefined.
   */
  async conclude(whose: string): Promise<string | undefined> {
    const [running, ended] = [this.#running, this.#ended]
    this.#most = ended
    this.#detach()
    await new Promise<void>((resolve) => this.#node.nextTick(resolve))
    this.#node.off('worker', this.#seen)
    return this.#problem(whose, running, ended)
  }

  /** What the threads have reported of a counter, as far as the readings of this thread hold it. */
  reported(counter: number): number {
    return this.#isOver ? 0 : (this.#sums[1 + counter] as number)
  }

  #detach(): void {
    this.#isOver = true
    this.#addon.addWorkers(this.#outer)
    this.#threads.setEnvironmentData(SHARED, this.#outer)
    if (this.#threads.Worker === this.#mine) this.#threads.Worker = this.#theirs
    syncBuiltinESMExports()
  }

  get #ended(): number {
    return this.#sums[0] as number
  }

  get #running(): number {
    return [...this.#ours].filter(({ threadId }) => threadId !== -1).length
  }

  /** Whether nobody counts inside of this. */
  get #isInnermost(): boolean {
    return this.#threads.getEnvironmentData(SHARED) === this.#shared
  }

  readonly #seen = (worker: Worker): void => {
    const isAnothers = !this.#isInnermost && !this.#isOver
    if (!isAnothers && !this.#ours.has(worker)) this.#others++
  }

  #problem(whose: string, running: number, ended: number): string | undefined {
    if (running > 0) {
      return (
        `${plural(running, 'worker thread')} that ${whose} started still ran when it was over, and what a thread ` +
        `allocates is known when it has ended. Await that in ${whose}: \`await worker.terminate()\`, or its event \`exit\``
      )
    }
    if (this.#others > 0) {
      return (
        `${plural(this.#others, 'worker thread')} could not be counted, because the program has taken \`Worker\` out of ` +
        '`node:worker_threads` before, as `const { Worker } = require(...)` does. Let it take it where it needs it, ' +
        '`threads.Worker`, or import it in an ES module'
      )
    }
    return ended < this.#ours.size
      ? `${plural(this.#ours.size - ended, 'worker thread')} could not load heapproof`
      : undefined
  }

  #replacement(): Threads['Worker'] {
    const preload = join(packageRoot(), 'dist/worker.cjs')
    return new Proxy(this.#theirs, {
      construct: (target, [file, options, ...rest]: [string, WorkerOptions?], newTarget) => {
        const make = (changed: WorkerOptions | undefined) =>
          Reflect.construct(target, [file, changed, ...rest], newTarget) as Worker
        if (!this.#isInnermost) return make(options)
        const worker = makeWith(preload, options, make)
        this.#ours.add(worker)
        return worker
      },
    })
  }
}

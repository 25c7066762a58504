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
  /** Those of the call under way that are made by us, */
  readonly #ours = new Set<Worker>()
  /** and those that are not: their `Worker` was taken from its module before. */
  #others = 0
  #most = 0

  constructor(addon: Counter) {
    this.#addon = addon
    addon.addWorkers(this.#shared)
    this.#threads.setEnvironmentData(SHARED, this.#shared)
    this.#threads.Worker = this.#replacement()
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
      this.#check(what, this.#ended - before)
      this.#most = Math.max(this.#most, this.#ended - before)
    }
  }

  end(): void {
    this.#addon.addWorkers(undefined)
    this.#threads.setEnvironmentData(SHARED, undefined)
    this.#threads.Worker = this.#theirs
    syncBuiltinESMExports()
    this.#node.off('worker', this.#seen)
  }

  get #ended(): number {
    return this.#sums[0] as number
  }

  readonly #seen = (worker: Worker): void => {
    if (!this.#ours.has(worker)) this.#others++
  }

  #check(what: string, ended: number): void {
    const running = [...this.#ours].filter(({ threadId }) => threadId !== -1).length
    if (running > 0) {
      throw notCounted(
        what,
        `${plural(running, 'worker thread')} that the function started still ran when it was over, and what a thread ` +
          'allocates is known when it has ended. Await that in the function: `await worker.terminate()`, or its event `exit`',
      )
    }
    if (this.#others > 0) {
      throw notCounted(
        what,
        `${plural(this.#others, 'worker thread')} could not be counted, because the program has taken \`Worker\` out of ` +
          '`node:worker_threads` before, as `const { Worker } = require(...)` does. Let it take it where it needs it, ' +
          '`threads.Worker`, or import it in an ES module',
      )
    }
    if (ended < this.#ours.size) {
      throw notCounted(what, `${plural(this.#ours.size - ended, 'worker thread')} could not load heapproof`)
    }
  }

  #replacement(): Threads['Worker'] {
    const preload = join(packageRoot(), 'dist/worker.cjs')
    return new Proxy(this.#theirs, {
      construct: (target, [file, options, ...rest]: [string, WorkerOptions?], newTarget) => {
        const make = (changed: WorkerOptions) =>
          Reflect.construct(target, [file, changed, ...rest], newTarget) as Worker
        const worker = makeWith(preload, options, make)
        this.#ours.add(worker)
        return worker
      },
    })
  }
}

function notCounted(what: string, why: string): HeapproofError {
  return new HeapproofError('not-counted', `${what}: ${why}`)
}

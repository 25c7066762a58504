import { HeapproofError } from '../errors.js'
import { countingWorkers } from '../workers/count.js'
import { chooseReading } from './choose.js'
import { countRuns, warmUp } from './count.js'
import { drive, type Job } from './drive.js'
import { exclusively } from './exclusive.js'
import { type Instruments, instruments } from './instruments.js'
import { type Measurement, measurementOf } from './measurement.js'
import { checkFunction, checkMeasureOptions, type MeasureOptions } from './options.js'
import { totalOf } from './reading.js'
import { intervalFor, type Sampled, sample } from './sample.js'
import { uncounted } from './uncounted.js'

/**
 * Measures what one call of `fn` allocates: exactly, in bytes, and by line.
 *
 * `fn` is called without arguments: `warmup` times, then `runs` times between two readings of the counters, then once
 * under the sampler (not with `sample: false`). A counted call during which V8 collects the whole heap is replaced by
 * another, up to `runs` times. When it returns a promise, each call lasts until the promise is settled
 * and whatever else runs in this isolate meanwhile counts too; what awaiting itself costs is taken off.
 *
 * A call is measured as it is; only when V8 has collected the whole heap since the last measurement does one forced
 * collection (20 to 60 ms) come first. The sampled call runs up to twice as long as the others.
 *
 * With `workers: true` the worker threads that it starts count too, and those that they start. `Worker` of
 * `node:worker_threads` is one of ours meanwhile, which has each thread load our counters before its own file. Sites are
 * those of this thread all the same.
 *
 * @throws HeapproofError `invalid-argument` for what is no function or no good option; `not-counted` when a worker thread
 *   outlives the call, or could not be counted; `overlap` while another function
 *   is measured in this isolate, or when another test ran while `fn` was waited for; `already-profiling` when a recording is under way and sites are wanted; what `start`
 *   throws. What `fn` throws comes through unchanged, and no file is left then.
 */
export async function measure(fn: () => unknown, options?: MeasureOptions): Promise<Measurement> {
  checkFunction('measure', fn)
  const given = checkMeasureOptions(options)
  // From here on we run as a microtask of our own: what the caller does after this call is not counted.
  await null
  return uncounted(() => drive(measuring(fn, given, instruments())))
}

/** The steps of {@link measure}. */
export function measuring(fn: () => unknown, options: MeasureOptions, tools: Instruments): Job<Measurement> {
  if (options.sample !== false && tools.isProfiling()) {
    throw new HeapproofError(
      'already-profiling',
      'measure: a recording is under way, so the lines that allocate cannot be sampled; stop() it first, or measure ' +
        'with { sample: false }',
    )
  }
  const job = options.workers === true ? withWorkers(fn, options, tools) : steps(fn, options, tools)
  return exclusively('measure', job)
}

function withWorkers(fn: () => unknown, options: MeasureOptions, tools: Instruments): Job<Measurement> {
  return countingWorkers(function* (workers) {
    const measurement = yield* steps(workers.watch('measure', fn), options, tools)
    return { ...measurement, workers: workers.most }
  })
}

function* steps(fn: () => unknown, options: MeasureOptions, tools: Instruments): Job<Measurement> {
  yield* warmUp(tools.counting, fn, options.warmup ?? 1)
  const readings = yield* countRuns(tools.counting, fn, options.runs ?? 3)
  let sampled: Sampled | undefined
  if (options.sample !== false) {
    sampled = yield* sample(tools, fn, {
      samplingInterval: options.samplingInterval ?? intervalFor(totalOf(chooseReading(readings))),
      fileBase: options.fileBase,
      keep: options.keep ?? options.fileBase !== undefined,
    })
  }
  return measurementOf(readings, sampled)
}

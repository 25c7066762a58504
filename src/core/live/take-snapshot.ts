import type { Addon } from '../addon.js'
import { HeapproofError } from '../errors.js'
import { isOwn } from '../reduce/places.js'
import { Snapshot, type SnapshotTrace } from '../tracemalloc/snapshot.js'
import { Traces } from '../traces.js'
import { diskMapper } from './disk-mapper.js'
import { tablesOf } from './tables.js'
import { tracer } from './tracer.js'

/** Numbers of a trace in what the addon tells: index, samples, bytes, allocations. */
const NUMBERS = 4

/**
 * What is live now, by trace: during a recording as well as in a live view. On the heap that is what no garbage
 * collection has freed yet.
 *
 * Cost: reads the names and stacks seen so far and, the first time, the source maps of the scripts on live stacks: some
 * 30 ms for each 10,000 stacks, and 30 ms for each megabyte of map.
 *
 * @throws HeapproofError `not-profiling` when nothing is traced; the codes of `read()` when the files of the recording
 *   cannot be read.
 */
export function takeSnapshot(): Snapshot {
  const native = tracer()
  if (native === undefined) {
    throw new HeapproofError(
      'not-profiling',
      'takeSnapshot: nothing is traced in this thread: start() a live view, or a recording, before',
    )
  }
  native.setOurs(true)
  try {
    return snapshotOf(native)
  } finally {
    native.setOurs(false)
  }
}

function snapshotOf(native: Addon): Snapshot {
  // The numbers first: a stack that is seen in between may then be known without being needed, not the other way round.
  const live = native.liveTraces()
  const tables = tablesOf(native)
  const { header } = tables
  if (header === undefined) {
    // Its files are known to those who started it alone: another realm of this thread, such as a test runner's.
    throw new HeapproofError(
      'not-profiling',
      'takeSnapshot: the recording under way was started elsewhere in this process, where a snapshot can be taken',
    )
  }
  const time = native.elapsed()
  const known = new Traces(tables, diskMapper())
  const traces: SnapshotTrace[] = []
  for (let at = 0; at < live.length; at += NUMBERS) {
    const [index, samples, bytes, allocations] = live.subarray(at, at + NUMBERS) as unknown as Entry
    const trace = known.at(index)
    if (!isOwn(trace)) traces.push({ trace, bytes, allocations, samples })
  }
  const { sampling, stackDepth } = header
  return new Snapshot({ traces, time, sampling, tracebackLimit: stackDepth })
}

type Entry = readonly [index: number, samples: number, bytes: number, allocations: number]

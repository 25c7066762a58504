import { Traceback } from '../tracemalloc/traceback.js'
import { Traces } from '../traces.js'
import { diskMapper } from './disk-mapper.js'
import { tablesOf } from './tables.js'
import { tracer } from './tracer.js'

/**
 * Where an object was allocated, if it was sampled since the start or the last `clearTraces()`: with
 * `samplingInterval: 1` nearly every object is, else few small ones are. Of an ArrayBuffer, or a view of all of it, where
 * its memory was allocated will do. Undefined for any other value, when nothing is traced, and with the polled source.
 *
 * Cost: goes through all live samples, 100 ms for a million; when the object is one of them, reads the stacks seen so far
 * as well, as `takeSnapshot()` does.
 *
 * @throws HeapproofError the codes of `read()` when the files of the recording cannot be read.
 */
export function getObjectTraceback(object: unknown): Traceback | undefined {
  const native = tracer()
  if (native === undefined) return undefined
  native.setOurs(true)
  try {
    const index = native.traceOf(object)
    if (index === 0) return undefined
    const trace = new Traces(tablesOf(native), diskMapper()).at(index)
    return trace.index === index ? Traceback.of(trace) : undefined
  } finally {
    native.setOurs(false)
  }
}

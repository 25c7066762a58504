import { pprof } from './pprof.js'
import type { Value } from './value.js'
import type { ProfileView } from './view.js'

/** A pprof profile as tools expect it on disk. */
export function gzippedPprof(view: ProfileView, shown: Value): AsyncIterable<Uint8Array> {
  // Not imported: in the bundle for ES modules that would load them with heapproof.
  const { pipeline, Readable } = process.getBuiltinModule('node:stream')
  const { createGzip } = process.getBuiltinModule('node:zlib')
  // The callback hears of errors, and so does whoever reads.
  return pipeline(Readable.from(pprof(view, shown)), createGzip(), () => {})
}

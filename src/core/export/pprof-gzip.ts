import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { pprof } from './pprof.js'
import type { Value } from './value.js'
import type { ProfileView } from './view.js'

/** A pprof profile as tools expect it on disk. */
export function gzippedPprof(view: ProfileView, shown: Value): AsyncIterable<Uint8Array> {
  // The callback hears of errors, and so does whoever reads.
  return pipeline(Readable.from(pprof(view, shown)), createGzip(), () => {})
}

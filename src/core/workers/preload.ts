import { COUNTERS, countingAddon } from '../addon.js'
import { SHARED } from './shared.js'

// A worker thread that is to be counted requires this file before its own; see count.ts.

try {
  const shared: unknown = process.getBuiltinModule('node:worker_threads').getEnvironmentData(SHARED)
  if (shared instanceof SharedArrayBuffer && shared.byteLength > COUNTERS * Float64Array.BYTES_PER_ELEMENT) {
    countingAddon().reportAtEnd(shared)
  }
} catch {
  // The worker runs on uncounted, and whoever counts sees that nothing was reported.
}

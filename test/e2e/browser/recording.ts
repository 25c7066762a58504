import { LogBuilder } from '../../support/log-builder.js'

const url = 'file:///app/src/feed.js'
const MAIN = { function: 'main', url, line: 40 }
const PARSE = { function: 'parseRow', url, line: 12 }
const READ = { function: 'readAll', url, line: 3 }
const CACHE = { function: 'set', url: 'file:///app/node_modules/cache/index.js', line: 14 }
const NATIVE = { function: 'Map', url: '' }

/**
 * Everything recorded, over one second. At 0.1 s readAll takes 4 MB of array buffers that die at 0.6 s; from 0.2 to 0.29 s
 * parseRow makes ten rows of 100 kB, of which the even ones die at 0.5 s; at 0.7 s the cache takes 2 MB and keeps it.
 *
 *    allocated 7 MB    temporary 4.5 MB    live at the end 2.5 MB    peak 5 MB at 0.29 s
 */
export function knownRecording(fileBase: string, builder: LogBuilder = new LogBuilder()): string {
  const read = builder.trace([READ, MAIN], 'arrayBuffer')
  const parse = builder.trace([NATIVE, PARSE, PARSE, MAIN])
  const cache = builder.trace([NATIVE, CACHE, MAIN])
  const { events } = builder
  events.sampling(0, 'heap', 0).sampling(0, 'arrayBuffer', 0)
  events.alloc(100_000, read, 4e6)
  for (let row = 0; row < 10; row++) events.alloc(200_000 + row * 10_000, parse, 100_000)
  events.collection(500_000, 1, 1200, 5e6, 4e6)
  for (let row = 0; row < 10; row += 2) events.free(500_000, parse, 100_000, 300_000 - row * 10_000)
  events.collection(600_000, 4, 5600, 5e6, 1e6)
  events.free(600_000, read, 4e6, 500_000)
  events.alloc(700_000, cache, 2e6)
  events.counters(1_000_000, {
    heapBytes: 3e6,
    collections: 2,
    majorCollections: 1,
    arrayBufferBytes: 4e6,
    arrayBufferCalls: 1,
    arrayBufferFreedBytes: 4e6,
    arrayBufferFrees: 1,
    nativeBytes: 0,
    nativeCalls: 0,
    nativeFrees: 0,
    unseenCollections: 0,
  })
  events.end(1_000_000, '')
  return builder.write(fileBase)
}

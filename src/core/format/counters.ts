import type { Counters } from '../types.js'
import type { ByteReader, ByteWriter } from './varint.js'

/** In the order of the files. */
export const COUNTER_NAMES = [
  'heapBytes',
  'collections',
  'majorCollections',
  'arrayBufferBytes',
  'arrayBufferCalls',
  'arrayBufferFreedBytes',
  'arrayBufferFrees',
  'nativeBytes',
  'nativeCalls',
  'nativeFrees',
  'unseenCollections',
] as const satisfies readonly (keyof Counters)[]

/** How many of them every recorder writes. */
const NEEDED = 7

/** Reads the exact counters. A recorder may leave out the last of them: they are 0. */
export function readCounters(input: ByteReader): Counters {
  const values = COUNTER_NAMES.map((name, place) => {
    const isThere = place < NEEDED || input.position < input.end
    return [name, isThere ? input.varint() : 0] as const
  })
  return Object.fromEntries(values) as unknown as Counters
}

/** Writes what `readCounters` reads. */
export function writeCounters(output: ByteWriter, counters: Counters): void {
  for (const name of COUNTER_NAMES) output.varint(counters[name])
}

import type { DigestSite, Environment, HeapDigest } from '../../../src/core/snapshot/types.js'

export const NODE_22: Environment = {
  node: 22,
  arch: 'x64',
  runner: 'vitest 4',
  coverage: false,
  reproducible: false,
}

/** A site on the heap that was sampled well. */
export function site(name: string, file: string, bytes: number, more: Partial<DigestSite> = {}): DigestSite {
  return { function: name, file, line: 1, domain: 'heap', bytes, error: bytes * 0.01, ...more }
}

/** A digest whose total on the heap is that of its sites. */
export function digest(sites: readonly DigestSite[], more: Partial<HeapDigest> = {}): HeapDigest {
  const of = (domain: string) =>
    sites.reduce((sum, each) => sum + (each.domain === domain ? each.bytes : 0), 0)
  return {
    environment: NODE_22,
    totals: { heap: of('heap'), arrayBuffer: of('arrayBuffer'), native: undefined },
    certainty: { relative: 0.1, absolute: 500, compilers: { relative: 0.3, bytes: 32_768 }, pools: 0 },
    sites,
    samplingInterval: 100,
    ...more,
  }
}

export const FEED: HeapDigest = digest([
  site('parseRow', 'src/feed.ts', 4_512_345, { line: 23 }),
  site('add', 'src/cache.ts', 2_671_000, { line: 12 }),
  site('read', 'src/io.ts', 391_234, { line: 7, domain: 'arrayBuffer' }),
  site('trim', 'src/feed.ts', 30_000, { line: 40 }),
])

export const FEED_TEXT = `node 22, x64, vitest 4
  7.21 MB  heap
   391 kB  array buffers
   4.5 MB  parseRow  src/feed.ts:23
   2.7 MB  add  src/cache.ts:12
   390 kB  read  src/io.ts:7  (array buffer)
    30 kB  elsewhere`

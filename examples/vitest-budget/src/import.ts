import type { RowCache } from './cache.js'
import { parseFeed } from './feed.js'

/** Parses a feed and keeps all of its rows. Returns how many there are now. */
export function importFeed(text: string, cache: RowCache): number {
  for (const row of parseFeed(text)) cache.add(row)
  return cache.size
}

/** The same, a chunk at a time, leaving room for other work in between. */
export async function importSlowly(chunks: Iterable<string>, cache: RowCache): Promise<number> {
  for (const chunk of chunks) {
    importFeed(chunk, cache)
    await new Promise(setImmediate)
  }
  return cache.size
}

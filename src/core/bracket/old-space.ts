import { getHeapSpaceStatistics } from 'node:v8'

/** Before version 12, in Node 20, V8 counts all of the area as used from which it hands out its old space. */
const COARSE = Number(process.versions.v8?.split('.')[0]) < 12

/** The largest such area: a page. */
const PAGE = 256 * 1024

/** Smaller growth is not worth a remark. */
const NOTICEABLE = 1024

/**
 * Bytes of V8's old space, where code goes that is compiled, and little else between two collections; 0 where V8 counts it
 * exactly. To be asked outside of a reading, since it allocates.
 */
export function oldSpace(): number {
  if (!COARSE) return 0
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0
}

/** How much of a growth of the old space may be room that is not used yet. */
export function unusedOf(growth: number): number {
  return growth < NOTICEABLE ? 0 : Math.min(growth, PAGE)
}

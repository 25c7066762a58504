import { getHeapSpaceStatistics } from 'node:v8'

/** Bytes of the spaces of the heap in which V8 keeps code, its own and that of the program. */
export interface CodeSpaces {
  /** Nothing but machine code and bytecode. */
  readonly code: number
  /** Bytecode too, before Node 22, and what V8 learns about code; but also objects that survived collections. */
  readonly old: number
}

/** Before version 12, in Node 20, V8 counts all of a page as used from which it hands out its old space. */
const PAGE = 256 * 1024

/** To be asked outside of a reading, since it allocates. Costs some 10 microseconds. */
export function codeSpaces(): CodeSpaces {
  let code = 0
  let old = 0
  for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
    if (space_name === 'code_space' || space_name === 'trusted_space') code += space_used_size
    else if (space_name === 'old_space') old += space_used_size
  }
  return { code, old }
}

/** What asking for the spaces allocates itself, in the young space. */
const ASKING = 6 * 1024

/** What V8 allocated for itself: for certain, and perhaps. */
export interface OwnBytes {
  readonly certain: number
  readonly possible: number
}

/**
 * What of the growth of the heap is V8's own: functions are compiled when they are called for the first time, and again
 * when they have become hot, which comes sooner in one run and later in the next. As long as nothing was collected, nothing
 * but that goes into the old space: what a program allocates is young, or too large and in a space of its own. (Not
 * quite: objects of places whose objects have survived many collections begin there.) A collection moves what survives there.
 *
 * @param outside how much the heap grew between asking for the spaces and the reading, before the body and after it
 */
export function ownBytes(
  before: CodeSpaces,
  after: CodeSpaces,
  outside: readonly number[],
  collections: number,
): OwnBytes {
  const code = Math.max(0, after.code - before.code)
  const notInside = outside.reduce((sum, bytes) => sum + Math.max(0, bytes - ASKING), 0)
  const old = Math.max(0, after.old - before.old - notInside)
  if (collections === 0) return { certain: code + old, possible: code + old }
  return { certain: code, possible: code + Math.min(old, PAGE) }
}

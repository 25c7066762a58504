import { COUNTER } from '../addon.js'

/** What V8's compilers hold of the old space at once, in bytes: twice the most that was seen. */
const COMPILERS = 512 * 1024

/** The most that V8 sets aside for old objects at once, in bytes: a page. */
const ROOM = 256 * 1024

/** Whether V8 counts the whole of a room as used as soon as it is set aside: that of Node 20 does, always. */
const COUNTS_ROOM = Number.parseInt(process.versions.v8, 10) < 12

/** What a program allocated on the heap between two readings of the counters. Bytes. */
export interface HeapGrowth {
  /** Among the young objects and the large ones, where nearly all begin. */
  readonly young: number
  /**
   * Among the old: objects whose place is known to make such as survive, tables of old maps and sets that grow, names. Can
   * be negative, when `compiling`.
   */
  readonly old: number
  /** V8 compiled meanwhile: what it takes of the old space for that, and gives back, is in `old` as well. */
  readonly compiling: boolean
}

/**
 * The heap has three parts, and `heapBytes` counts all of them:
 *
 *     young, large │ old                                 │ code, maps, what V8 trusts
 *     the program  │ the program; V8, when it compiles   │ V8
 *
 * So the program's is the first, and the second where nothing was compiled. That V8 compiled shows in the third, and in
 * what it announces. Of its threads it shows in the third alone: see native/v8/heap_counter.h.
 *
 * @param grown by how much each of `COUNTER` grew
 */
export function heapGrowth(grown: (counter: number) => number): HeapGrowth {
  const young = grown(COUNTER.youngBytes)
  const old = grown(COUNTER.oldBytes)
  const rest = grown(COUNTER.heapBytes) - young - old
  return { young, old, compiling: rest !== 0 || grown(COUNTER.installed) > 0 || grown(COUNTER.compiled) > 0 }
}

/**
 * How much of the growth certainly is the program's, and how much more it may be. What was swept of the old space meanwhile,
 * or given back by a compiler, is no reason to count less.
 *
 * V8 sets room aside for old objects, up to a page, and what is left of it is not in use:
 *
 *     | objects ... | left |                 | objects ... | left up to the next sample | counted as used |
 *
 * While its sampler runs the room ends, for now, at the next sample; what lies behind that is counted, and given back when
 * the room is. 400 calls that give an object five new names each read 11 to 134 kB more 51 times on Node 20, 3 times on
 * Node 22 to 26; without the sampler 2 times up to 10 kB, and never.
 *
 * The V8 of Node 20 counts a room when it is set aside, sampler or not. A map that is old and grows by tables of 86 kB in all
 * reads 0, 96 or 243 kB there, and 86 kB from Node 22 on.
 */
export function certainGrowth(
  { young, old, compiling }: HeapGrowth,
  isSampled: boolean,
): { bytes: number; doubt: number } {
  const begunOld = Math.max(0, old)
  const mostOfV8 = compiling ? COMPILERS : isSampled || COUNTS_ROOM ? ROOM : 0
  const doubt = Math.min(begunOld, mostOfV8)
  return { bytes: young + begunOld - doubt, doubt }
}

/** Longest dump in bytes: some 300,000 stacks of 40 frames. */
const LARGEST = 64 * 1024 * 1024

/**
 * Most lists and objects in a dump; a stack takes two. A file of 64 MiB can hold twenty million: V8 takes gigabytes for
 * these, and minutes, since each of its collections looks at all that was parsed so far.
 */
const MOST_LISTS = 4_000_000

/** Says what there is too much of in a dump of so many bytes, or undefined. */
export function tooLong(size: number): string | undefined {
  return size > LARGEST ? `${size} bytes, where a snapshot has at most ${LARGEST}` : undefined
}

/** The same of what is in it. */
export function tooMuch(bytes: Uint8Array): string | undefined {
  if (bytes.length <= MOST_LISTS) return undefined
  let lists = 0
  for (const byte of bytes) if (byte === 0x5b || byte === 0x7b) lists++ // [ and {
  return lists > MOST_LISTS ? `${lists} lists, where a snapshot has at most ${MOST_LISTS}` : undefined
}

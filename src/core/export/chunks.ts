/** Long enough that a write costs less than what it writes, short enough not to matter. */
const CHUNK = 2 ** 16

/** Joins many short texts to chunks of 64 Ki characters and more. An export may be longer than a string can be. */
export function* chunksOf(texts: Iterable<string>): Generator<string, void, undefined> {
  let chunk = ''
  for (const text of texts) {
    chunk += text
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

/** The items of a JSON list with commas between. */
export function* listed(texts: Iterable<string>): Generator<string, void, undefined> {
  let separator = ''
  for (const text of texts) {
    yield separator + text
    separator = ','
  }
}

/**
 * A value as JSON that can stand anywhere, also in a script on a page: no text in it can end the script, or begin a
 * comment.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029')
}

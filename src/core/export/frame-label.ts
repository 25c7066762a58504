import type { Frame } from '../types.js'

/** A frame where there is one text for all: `set (/app/src/cache.ts:14)`. */
export function frameLabel({
  function: name,
  file,
  line,
}: Pick<Frame, 'function' | 'file' | 'line'>): string {
  if (file === '') return name
  return line === 0 ? `${name} (${file})` : `${name} (${file}:${line})`
}

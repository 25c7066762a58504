import type { Frame } from '../types.js'

/** A frame where there is one text for all: `set (/app/src/cache.ts:14)`. */
export function frameLabel({ function: name, file, line }: Frame): string {
  if (file === '') return name
  return line === 0 ? `${name} (${file})` : `${name} (${file}:${line})`
}

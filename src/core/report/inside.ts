import { relative, resolve, sep } from 'node:path'

/** Whether a path lies below a folder; both absolute, and without links when that matters. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(way) !== way
}

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

let root: string | undefined

/**
 * The folder that holds heapproof's own package.json: found upwards from the running file, so that it is the same
 * for every bundle and for the sources. Read once. Throws a plain Error when the package was taken apart.
 */
export function packageRoot(): string {
  root ??= findRoot(dirname(runningFile()))
  return root
}

/**
 * The file this code is in: one of the sources, or a bundle. Bundles in CommonJS are built with `import.meta.filename` =
 * `__filename`; older loaders of ESM know only the URL.
 */
export function runningFile(): string {
  return import.meta.filename ?? fileURLToPath(import.meta.url)
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (packageName(folder) === 'heapproof') return folder
    if (dirname(folder) === folder) throw new Error(`no package.json named "heapproof" above ${start}`)
  }
}

function packageName(folder: string): unknown {
  const path = join(folder, 'package.json')
  if (!existsSync(path)) return undefined // cheaper than an error, and most folders have none
  try {
    return JSON.parse(readFileSync(path, 'utf8')).name
  } catch {
    return undefined // one that is not ours to judge
  }
}

import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { HeapproofError } from '../errors.js'
import { show } from '../text/show.js'

/**
 * The absolute path of a program that Node can start: a file, a file without its extension, or a folder.
 *
 * @throws HeapproofError `script-not-found`.
 */
export function findScript(script: string | undefined): string {
  if (script === undefined) {
    throw new HeapproofError(
      'script-not-found',
      'expected a script: heapproof run -o BASE -- script.js args...',
    )
  }
  const path = resolve(script)
  try {
    createRequire(join(process.cwd(), 'noop.js')).resolve(path)
    return path // not what it resolved to: the program reads its own name in process.argv[1]
  } catch {
    const hint = script.startsWith('-') ? '; options of Node itself go into NODE_OPTIONS' : ''
    throw new HeapproofError(
      'script-not-found',
      `expected a script, and there is none at ${show(script)}${hint}`,
    )
  }
}

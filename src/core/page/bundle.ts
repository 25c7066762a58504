import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HeapproofError } from '../errors.js'
import { packageRoot } from '../package-root.js'

const texts = new Map<string, string>()

/**
 * The script of a page, as the build made it of `browser/`: `page` of the report page, `flame-page` of a flame graph. Read
 * once.
 *
 * @throws HeapproofError `cannot-read` when the package is not whole.
 */
export function pageScript(name: 'page' | 'flame-page'): string {
  const known = texts.get(name)
  if (known !== undefined) return known
  const path = join(packageRoot(), 'dist', `${name}.js`)
  try {
    const text = readFileSync(path, 'utf8')
    texts.set(name, text)
    return text
  } catch (error) {
    throw new HeapproofError(
      'cannot-read',
      `${path}: the script of a page cannot be read: ${(error as Error).message}`,
    )
  }
}

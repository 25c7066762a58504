import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HeapproofError } from '../errors.js'
import { packageRoot } from '../package-root.js'

let text: string | undefined

/**
 * The script of the page, as the build made it of `browser/`. Read once.
 *
 * @throws HeapproofError `cannot-read` when the package is not whole.
 */
export function pageScript(): string {
  if (text !== undefined) return text
  const path = join(packageRoot(), 'dist', 'page.js')
  try {
    text = readFileSync(path, 'utf8')
    return text
  } catch (error) {
    throw new HeapproofError(
      'cannot-read',
      `${path}: the script of the report page cannot be read: ${(error as Error).message}`,
    )
  }
}

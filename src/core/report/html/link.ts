import { existsSync, realpathSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { isInside } from '../inside.js'

/** What there is of a profile that somebody kept. */
export interface KeptProfile {
  /** Address of the page made from it, relative to the page that links to it; undefined when there is none. */
  readonly page: string | undefined
  /** File base, relative to the root, when the recording itself is still there. */
  readonly fileBase: string | undefined
}

/**
 * Looks for what is left of a profile. A file base comes from a record, and perhaps from another machine: nothing outside
 * the root is linked to.
 */
export function findProfile(profile: string, root: string, home: string): KeptProfile {
  const fileBase = resolve(root, profile)
  const page = `${fileBase}.html`
  return {
    page: isThere(page, root) ? address(relative(home, page)) : undefined,
    fileBase: isThere(`${fileBase}.hpm`, root) ? profile : undefined,
  }
}

function isThere(path: string, root: string): boolean {
  if (!existsSync(path)) return false
  return isInside(realpathSync(root), realpathSync(path))
}

/** A relative path as a relative address, which no name in it can turn into another kind of address. */
function address(path: string): string {
  return `./${path.split(sep).map(encodeURIComponent).join('/')}`
}

import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isInside } from '../report/inside.js'
import type { LoggedSnapshot } from '../snapshot/log.js'

const SOURCE = /\.[cm]?[jt]sx?$/
const OTHERS = /(?:^|\/)(?:node_modules|\.git)(?:\/|$)/

/** Where a snapshot is in the working tree, or why nothing is written for it: a clause. */
export type Target = { readonly path: string } | { readonly refusal: string }

/**
 * Finds the file of a snapshot. Its path comes from an artifact: only `.snap` files and sources with an inline snapshot
 * inside of the project are written, also where links lead elsewhere, and only for tests that are there.
 *
 * @param folder where the artifact had it, for a repository with several projects
 */
export function targetOf(
  { snapshotFile, testFile, inline }: LoggedSnapshot,
  root: string,
  folder: string,
): Target {
  const fits = (name: string) => !OTHERS.test(name.replaceAll('\\', '/'))
  if (!fits(snapshotFile) || !fits(testFile)) return { refusal: 'it is no file of the project' }
  if (inline === undefined ? !snapshotFile.endsWith('.snap') : !SOURCE.test(snapshotFile)) {
    return { refusal: 'it is no file that snapshots are kept in' }
  }
  const project = [join(root, folder), root].find((each) => existsSync(resolve(each, testFile)))
  if (project === undefined) return { refusal: `its test file ${testFile} is not here` }
  const path = resolve(project, snapshotFile)
  if (!isReallyInside(root, resolve(project, testFile)) || !isReallyInside(root, path)) {
    return { refusal: 'it lies outside of the project' }
  }
  return { path }
}

/** Looks through links, as far as the path exists. */
function isReallyInside(root: string, path: string): boolean {
  if (!isInside(root, path)) return false
  let existing = path
  while (!existsSync(existing)) existing = dirname(existing)
  const real = realpathSync(existing)
  return real === realpathSync(root) || isInside(realpathSync(root), real)
}

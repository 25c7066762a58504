import { basename, join } from 'node:path'
import { makeHome } from '../../expect/profiles.js'
import { printable } from '../../text/printable.js'
import { replaceFile } from '../replace-file.js'
import type { SuiteSummary } from '../summarize.js'
import { findProfile } from './link.js'
import { page } from './page.js'

/**
 * Writes `index.html` into the folder of the profiles, which need not be there yet.
 *
 * @throws what the file system says.
 */
export function writePage(
  home: string,
  summary: SuiteSummary,
  { root, now }: { readonly root: string; readonly now: Date },
): void {
  makeHome(home)
  const surroundings = {
    project: printable(basename(root)),
    now,
    findProfile: (profile: string) => findProfile(profile, root, home),
  }
  replaceFile(join(home, 'index.html'), page(summary, surroundings))
}

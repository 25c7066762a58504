import { copyFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exactLog } from '../core/export/support.js'
import { folderWith } from './command-line.js'
import { FEED } from './feed.js'

/** Profiles of every kind: a recorded one, one without events, one that ends in the middle, and one of nothing at all. */
export function profiles(): string {
  const cwd = folderWith()
  for (const extension of ['hpm', 'hpd']) {
    copyFileSync(`${FEED}.${extension}`, join(cwd, `feed.${extension}`))
    copyFileSync(`${FEED}.${extension}`, join(cwd, `cut.${extension}`))
    writeFileSync(join(cwd, `none.${extension}`), '')
  }
  truncateSync(join(cwd, 'cut.hpd'), Math.round(statSync(join(cwd, 'cut.hpd')).size * 0.6))
  const empty = exactLog()
  empty.events.end(1000)
  empty.write(join(cwd, 'empty'))
  return cwd
}

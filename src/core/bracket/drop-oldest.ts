import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What was removed. */
export interface Dropped {
  /** Profiles. */
  readonly files: number
  readonly bytes: number
}

/** The files of a profile, and its report page. */
const PROFILE = /^(.*)\.(?:hp[mdc]|html)$/

interface Profile {
  readonly fileBase: string
  readonly paths: string[]
  bytes: number
  /** Milliseconds: when it was written last. */
  time: number
}

/**
 * Removes profiles from a folder, the oldest first, until those that are left take no more than `maxBytes`. Folders that
 * begin with a dot are left alone, files of other kinds too. Several processes may do so at once: what one finds gone
 * another has removed.
 */
export function dropOldest(folder: string, maxBytes: number): Dropped {
  // A page that stands alone, such as the index of a run, is no profile.
  const found = [...profilesIn(folder).values()].filter(({ paths }) =>
    paths.some((path) => !path.endsWith('.html')),
  )
  const profiles = found.sort((a, b) => a.time - b.time)
  let total = profiles.reduce((sum, { bytes }) => sum + bytes, 0)
  let files = 0
  let dropped = 0
  for (const { paths, bytes } of profiles) {
    if (total <= maxBytes) break
    for (const path of paths) rmSync(path, { force: true })
    total -= bytes
    dropped += bytes
    files++
  }
  return { files, bytes: dropped }
}

function profilesIn(folder: string): Map<string, Profile> {
  const profiles = new Map<string, Profile>()
  const folders = [folder]
  for (let current = folders.pop(); current !== undefined; current = folders.pop()) {
    for (const entry of entriesOf(current)) {
      const path = join(current, entry.name)
      if (entry.isDirectory() && !entry.name.startsWith('.')) folders.push(path)
      const name = entry.isFile() ? PROFILE.exec(entry.name)?.[1] : undefined
      const found = statSync(path, { throwIfNoEntry: false })
      if (name === undefined || found === undefined) continue
      const fileBase = join(current, name)
      const profile = profiles.get(fileBase) ?? { fileBase, paths: [], bytes: 0, time: 0 }
      profile.paths.push(path)
      profile.bytes += found.size
      profile.time = Math.max(profile.time, found.mtimeMs)
      profiles.set(fileBase, profile)
    }
  }
  return profiles
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return [] // gone meanwhile
  }
}

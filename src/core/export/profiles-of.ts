import { HeapproofError } from '../errors.js'
import { Reader } from '../reader.js'
import { show } from '../text/show.js'
import type { Snapshot } from '../tracemalloc/snapshot.js'

/** One or several readers as a list; a snapshot as it is. @throws HeapproofError `invalid-argument`. */
export function profilesOf(what: string, profile: unknown): readonly Reader[] | Snapshot {
  if (typeof profile === 'object' && profile !== null && 'traces' in profile) return profile as Snapshot
  const readers: readonly unknown[] = Array.isArray(profile) ? profile : [profile]
  if (readers.length > 0 && readers.every((reader) => reader instanceof Reader)) return readers
  const expected = 'a Reader, a list of Readers or a Snapshot'
  throw new HeapproofError('invalid-argument', `${what}: expected ${expected}, received ${show(profile)}`)
}

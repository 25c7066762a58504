import { BlockReader, SESSION_LENGTH } from '../format/block.js'
import type { Input, ProfilePaths } from '../format/files.js'
import { HpdCursor } from '../format/hpd.js'
import { readTables } from '../format/hpm.js'
import type { Recording } from '../format/recording.js'
import { damaged } from '../format/varint.js'

/**
 * The recording that two inputs hold. Reads all of `metadata`, the .hpm, and the beginning of `events`, the .hpd, which is
 * read again by every cursor. Closes neither.
 *
 * @throws HeapproofError `cannot-read`, `not-a-profile`, `unsupported-version`, `damaged-profile`.
 */
export function recordingIn(paths: ProfilePaths, metadata: Input, events: Input): Recording {
  const tableBlocks = new BlockReader(metadata, 'M')
  const eventBlocks = new BlockReader(events, 'D')
  checkSession(paths, tableBlocks.sessionId, eventBlocks.sessionId)
  const tables = readTables(paths.hpm, tableBlocks)
  return {
    fileBase: paths.fileBase,
    tables,
    metadataIgnored: tableBlocks.ignored,
    origin: {
      sessionId: longer(tableBlocks.sessionId, eventBlocks.sessionId),
      metadataSize: metadata.size,
      eventsSize: events.size,
    },
    cursor: () => new HpdCursor(paths.hpd, new BlockReader(events, 'D'), tables.traceDomains),
    close: () => {},
  }
}

/** Both ids may be cut short; then what there is must be the same. */
function checkSession(paths: ProfilePaths, metadata: Uint8Array, events: Uint8Array): void {
  for (let index = 0; index < Math.min(metadata.length, events.length); index++) {
    if (metadata[index] !== events[index]) {
      const what = `the session id is another than in ${paths.hpm}: the two files are from different recordings`
      throw damaged(paths.hpd, 8 + index, what)
    }
  }
}

/** The id that was cut less, in full length: what is missing of it is 0. */
function longer(left: Uint8Array, right: Uint8Array): Uint8Array {
  const id = new Uint8Array(SESSION_LENGTH)
  id.set(left.length > right.length ? left : right)
  return id
}

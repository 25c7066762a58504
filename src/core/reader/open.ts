import { BlockReader, SESSION_LENGTH } from '../format/block.js'
import { InputFile, type ProfilePaths } from '../format/files.js'
import { HpdCursor } from '../format/hpd.js'
import { readTables } from '../format/hpm.js'
import type { Recording } from '../format/recording.js'
import { damaged } from '../format/varint.js'
import { isHeapprof, openHeapprof, type ReadOptions, readOptions } from '../heapprof/open.js'

/**
 * Opens the two files of a recording. Reads the whole .hpm and the beginning of the .hpd.
 *
 * @throws HeapproofError `cannot-read`, `not-a-profile`, `unsupported-version`, `damaged-profile`.
 */
export function openRecording(paths: ProfilePaths, options?: ReadOptions): Recording {
  const checked = readOptions(options)
  if (isHeapprof(paths.hpm)) return openHeapprof(paths, checked)
  const opened: InputFile[] = []
  const open = (path: string): InputFile => {
    const file = new InputFile(path)
    opened.push(file)
    return file
  }
  try {
    // The events first: a trace is written before the event that names it, so a .hpm opened later has all of them.
    const events = open(paths.hpd)
    const metadata = open(paths.hpm)
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
      close: () => events.close(),
    }
  } catch (error) {
    for (const file of opened) file.close()
    throw error
  } finally {
    opened.find((file) => file.path === paths.hpm)?.close()
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

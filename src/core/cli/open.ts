import type { WriteStream } from 'node:tty'
import type { EventCursor } from '../format/cursor.js'
import { findProfile } from '../format/files.js'
import type { Recording } from '../format/recording.js'
import { openRecording } from '../reader/open.js'
import { Reader } from '../reader.js'
import { DigestLine } from './digest-line.js'

/** Events from one look at the clock to the next. */
const STEP = 2 ** 16

/**
 * Opens a profile whose walks through the events show on a terminal how far they are, from half a second on.
 *
 * @throws HeapproofError as `read()` does.
 */
export function openProfile(fileBase: string, stream: WriteStream = process.stderr): Reader {
  const recording = openRecording(findProfile(fileBase))
  return new Reader(stream.isTTY ? watched(recording, stream) : recording)
}

function watched(recording: Recording, stream: WriteStream): Recording {
  return { ...recording, cursor: () => watchedCursor(recording, stream) }
}

function watchedCursor(recording: Recording, stream: WriteStream): EventCursor {
  const cursor = recording.cursor()
  const next = cursor.next.bind(cursor)
  const line = new DigestLine(stream)
  const totalBytes = recording.origin.eventsSize
  let events = 0
  cursor.next = () => {
    const isThere = next()
    if (!isThere) line.clear()
    else if (++events % STEP === 0) {
      line.show({ bytes: cursor.consumed, totalBytes, events, time: cursor.time / 1e6 })
    }
    return isThere
  }
  return cursor
}

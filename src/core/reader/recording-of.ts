import type { Recording } from '../format/recording.js'
import type { Reader } from '../reader.js'

const recordings = new WeakMap<Reader, Recording>()

/** The files behind a reader: for what works on all stacks at once, or on the records themselves. */
export function recordingOf(reader: Reader): Recording {
  return recordings.get(reader) as Recording
}

/** Said once of each reader, by itself. */
export function remember(reader: Reader, recording: Recording): void {
  recordings.set(reader, recording)
}

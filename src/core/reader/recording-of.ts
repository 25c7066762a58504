import type { Recording } from '../format/recording.js'
import type { Reader } from '../reader.js'
import type { Facts } from './facts.js'

interface Behind {
  readonly recording: Recording
  readonly facts: Facts
}

const known = new WeakMap<Reader, Behind>()

/** The files behind a reader: for what works on all stacks at once, or on the records themselves. */
export function recordingOf(reader: Reader): Recording {
  return (known.get(reader) as Behind).recording
}

/** What a walk through all events tells, which a reader walks once. */
export function factsOf(reader: Reader): Facts {
  return (known.get(reader) as Behind).facts
}

/** Said once of each reader, by itself. */
export function remember(reader: Reader, behind: Behind): void {
  known.set(reader, behind)
}

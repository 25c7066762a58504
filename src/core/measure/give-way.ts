import { measuringState } from './state.js'

/**
 * A recording that goes on around measurements, and that makes room for a recording of theirs: there can be only one in
 * an isolate. While it is paused, nothing of ours may be recording.
 */
export interface Recorder {
  pause(): void
  resume(): void
}

/** Says who is recording around what is measured from now on, or that nobody is. */
export function setRecorder(recorder: Recorder | undefined): void {
  measuringState().recorder = recorder
}

/** Whoever is recording and would make room. */
export function recorder(): Recorder | undefined {
  return measuringState().recorder
}

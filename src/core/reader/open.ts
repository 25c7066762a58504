import { InputFile, type ProfilePaths } from '../format/files.js'
import type { Recording } from '../format/recording.js'
import { isHeapprof, openHeapprof, type ReadOptions, readOptions } from '../heapprof/open.js'
import { recordingIn } from './recording-in.js'

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
    return { ...recordingIn(paths, metadata, events), close: () => events.close() }
  } catch (error) {
    for (const file of opened) file.close()
    throw error
  } finally {
    opened.find((file) => file.path === paths.hpm)?.close()
  }
}

import { HeapproofError } from '../errors.js'
import { findProfile } from '../format/files.js'
import type { Reader } from '../reader.js'
import { partsOf } from '../session/parts.js'
import { show } from '../text/show.js'
import { openProfile } from './open.js'

/**
 * The profiles that a command was given, each once; with `all` those of the threads and child processes beside them. A
 * part that cannot be found whole is named on stderr and left out: its process may have ended before it recorded.
 *
 * @throws HeapproofError `invalid-argument` when one is named twice; `profile-not-found`.
 */
export function inputsOf(typed: readonly string[], all: boolean): string[] {
  const found: string[] = []
  for (const base of typed) {
    const { fileBase } = findProfile(base)
    if (found.includes(fileBase)) {
      throw new HeapproofError('invalid-argument', `${show(fileBase)} is named twice`)
    }
    found.push(fileBase)
    if (!all) continue
    for (const part of partsOf(fileBase)) {
      if (!found.includes(part.fileBase) && isWhole(part.fileBase)) found.push(part.fileBase)
    }
  }
  return found
}

function isWhole(fileBase: string): boolean {
  try {
    findProfile(fileBase)
    return true
  } catch (error) {
    say(`${(error as Error).message}; left out`)
    return false
  }
}

/** Opens all of them, and says of which not everything could be used. `close` closes them all. */
export function openAll(fileBases: readonly string[]): { readers: readonly Reader[]; close: () => void } {
  const readers: Reader[] = []
  const close = () => {
    for (const reader of readers) reader.close()
  }
  try {
    for (const fileBase of fileBases) readers.push(openProfile(fileBase))
  } catch (error) {
    close()
    throw error
  }
  return { readers, close }
}

/** A word on each profile that was cut: what it holds is used, and may not be all. */
export function sayCut(
  profiles: readonly { fileBase: string; end: string | undefined; truncated: number }[],
): void {
  for (const { fileBase, end, truncated } of profiles) {
    if (end !== undefined && truncated === 0) continue
    const rest = truncated > 0 ? `; ${truncated} bytes at the ends of its files are unfinished` : ''
    say(`${fileBase}: was cut, or is still being written, and is read as far as it goes${rest}`)
  }
}

export function say(sentence: string): void {
  process.stderr.write(`heapproof: ${sentence}\n`)
}

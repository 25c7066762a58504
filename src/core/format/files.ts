import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { HeapproofError } from '../errors.js'

/** The two files of a recording. */
export interface ProfilePaths {
  readonly fileBase: string
  readonly hpm: string
  readonly hpd: string
}

/**
 * The files that belong to a file base. The name of one of the two files stands for its base as well.
 * Throws HeapproofError: `invalid-argument` when the base is no path, `profile-not-found` when a file is missing.
 */
export function findProfile(fileBase: string): ProfilePaths {
  if (typeof fileBase !== 'string' || fileBase === '' || fileBase.includes('\0')) {
    const got = typeof fileBase === 'string' ? JSON.stringify(fileBase) : typeof fileBase
    throw new HeapproofError('invalid-argument', `fileBase: expected the path of a recording, got ${got}`)
  }
  // A recording may have been started with a base that ends in .hpm; then its files end in .hpm.hpm.
  const base = existsSync(`${fileBase}.hpm`) ? fileBase : fileBase.replace(/(?<=[^/])\.hp[md]$/, '')
  const paths = { fileBase: base, hpm: `${base}.hpm`, hpd: `${base}.hpd` }
  const missing = [paths.hpm, paths.hpd].filter((path) => !existsSync(path))
  if (missing.length === 0) return paths
  const what =
    missing.length === 1 ? `${missing[0]} is missing` : `${missing[0]} and ${missing[1]} are missing`
  const hint = missing.length === 2 && isDirectory(base) ? ` (${base} is a directory)` : ''
  throw new HeapproofError('profile-not-found', `${base}: no profile here: ${what}${hint}`)
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** What blocks are read from: a file, or the same bytes in memory. */
export interface Input {
  /** Names it in errors. */
  readonly path: string
  readonly size: number
  /** The bytes never left this process: neither what file it is nor a checksum is looked at once more. */
  readonly isOurs?: boolean
  /** Fills `into` from byte `at` and returns how many bytes there were. */
  read(into: Uint8Array, at: number): number
}

/** Bytes in memory; `isOurs` when the sampler of this process has just handed them over. */
export function inputOf(path: string, bytes: Uint8Array, isOurs = false): Input {
  return {
    isOurs,
    path,
    size: bytes.length,
    read(into, at) {
      const part = bytes.subarray(at, at + into.length)
      into.set(part)
      return part.length
    },
  }
}

/** A file open for reading, as long as it was when it was opened: what is appended later is not seen. */
export class InputFile implements Input {
  readonly path: string
  readonly size: number
  #descriptor: number | undefined

  /** Throws HeapproofError: `not-a-profile` for a directory or device, `cannot-read` when the system refuses. */
  constructor(path: string) {
    this.path = path
    this.#descriptor = open(path)
    try {
      this.size = fstatSync(this.#descriptor).size
    } catch (error) {
      this.close()
      throw cannotRead(path, error)
    }
  }

  /** Fills `into` from byte `at` of the file and returns how many bytes there were. */
  read(into: Uint8Array, at: number): number {
    if (this.#descriptor === undefined) {
      throw new HeapproofError('invalid-argument', `${this.path}: the reader of this profile is closed`)
    }
    const wanted = Math.max(0, Math.min(into.length, this.size - at))
    let done = 0
    try {
      while (done < wanted) {
        const count = readSync(this.#descriptor, into, done, wanted - done, at + done)
        if (count === 0) break
        done += count
      }
    } catch (error) {
      throw cannotRead(this.path, error)
    }
    return done
  }

  /** May be called more than once. */
  close(): void {
    if (this.#descriptor === undefined) return
    closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}

function open(path: string): number {
  try {
    // Asked before opening: opening a named pipe would wait for a writer for ever.
    if (!statSync(path).isFile()) {
      throw new HeapproofError('not-a-profile', `${path}: expected a file, found something else`)
    }
    return openSync(path, 'r')
  } catch (error) {
    throw cannotRead(path, error)
  }
}

function cannotRead(path: string, error: unknown): HeapproofError {
  if (error instanceof HeapproofError) return error
  return new HeapproofError('cannot-read', `${path}: cannot be read: ${(error as Error).message}`)
}

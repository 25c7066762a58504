import { closeSync, constants, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { type Input, InputFile, inputOf } from '../format/files.js'
import { DigestReader } from '../format/hpc-reader.js'
import type { Sink } from '../format/hpc-writer.js'
import type { Recording } from '../format/recording.js'

const BUFFER = 2 ** 18

/** An open digest, and how to close it. */
export interface OpenDigest {
  readonly digest: DigestReader
  close(): void
}

/**
 * The digest beside a recording: undefined when there is none, when it was not finished or is damaged, when it was made
 * from another recording, or when the recording has grown since.
 */
export function openDigest(recording: Recording): OpenDigest | undefined {
  const { fileBase, tables } = recording
  let file: InputFile | undefined
  try {
    file = new InputFile(`${fileBase}.hpc`)
    const digest = DigestReader.open(file, tables.traceNodes.length - 1)
    const opened = file
    if (digest !== undefined && isOf(recording, digest)) return { digest, close: () => opened.close() }
  } catch (error) {
    if (!(error instanceof HeapproofError)) throw error
  }
  file?.close()
  return undefined
}

function isOf({ origin }: Recording, { sessionId, origin: its }: DigestReader): boolean {
  return (
    Buffer.compare(origin.sessionId, sessionId) === 0 &&
    origin.metadataSize === its.metadataSize &&
    origin.eventsSize === its.eventsSize
  )
}

/** A file that takes the place of another when it is whole. */
export interface NewFile extends Sink {
  /** Gives the file its name, in place of what was there. */
  commit(): void
  /** Takes the file away, unless it was committed. */
  discard(): void
}

/**
 * Begins a digest beside a recording, in a file with another name until it is whole: nobody sees half of one, and two
 * that are made at once do not disturb each other.
 *
 * @throws HeapproofError `cannot-write`, like its methods.
 */
export function createDigest(fileBase: string): NewFile {
  const path = `${fileBase}.hpc`
  const temporary = `${path}.new-${process.pid}-${String(Math.random()).slice(2)}`
  const buffer = Buffer.allocUnsafe(BUFFER)
  let descriptor: number | undefined
  let length = 0
  const attempt = <T>(action: () => T): T => {
    try {
      return action()
    } catch (error) {
      if (error instanceof HeapproofError) throw error
      throw new HeapproofError('cannot-write', `${path}: cannot be written: ${(error as Error).message}`)
    }
  }
  attempt(() => {
    refuseForeign(path)
    // As readable as what it is made from, by others than the owner too.
    const mode = statSync(`${fileBase}.hpd`, { throwIfNoEntry: false })?.mode ?? 0o600
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
    descriptor = openSync(temporary, flags, mode & 0o666)
  })
  const writeAll = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor as number, bytes, done)
  }
  const flush = (): void => {
    writeAll(buffer.subarray(0, length))
    length = 0
  }
  const close = (): void => {
    const open = descriptor
    descriptor = undefined
    if (open !== undefined) closeSync(open)
  }
  return {
    write: (bytes) =>
      attempt(() => {
        if (length + bytes.length > BUFFER) flush()
        if (bytes.length > BUFFER) {
          writeAll(bytes)
          return
        }
        buffer.set(bytes, length)
        length += bytes.length
      }),
    commit: () =>
      attempt(() => {
        flush()
        close()
        renameSync(temporary, path)
      }),
    discard: () => {
      try {
        close()
        rmSync(temporary, { force: true })
      } catch {
        // The disk or the folder is gone: there is nothing left to take away.
      }
    },
  }
}

/** heapprof names its digests so as well, and other programs may too: what is not ours is not ours to replace. */
function refuseForeign(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return
  const start = Buffer.alloc(4)
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  let count: number
  try {
    count = readSync(descriptor, start, 0, 4, 0)
  } finally {
    closeSync(descriptor)
  }
  if (count < 4 || start.toString('latin1') === '\x89HPC') return
  throw new HeapproofError(
    'cannot-write',
    `${path}: is no digest of heapproof, and is not replaced: move it away first`,
  )
}

/** A file in memory. */
export class MemoryFile implements Sink {
  readonly #chunks: Uint8Array[] = []

  write(bytes: Uint8Array): void {
    this.#chunks.push(bytes)
  }

  input(path: string): Input {
    return inputOf(path, Buffer.concat(this.#chunks))
  }
}

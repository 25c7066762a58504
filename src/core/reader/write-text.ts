import { closeSync, openSync, writeSync } from 'node:fs'
import { HeapproofError } from '../errors.js'

/** Writes a text file in place of what is there. Throws HeapproofError `cannot-write`. */
export function writeText(path: string, chunks: Iterable<string>): void {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'w')
    for (const chunk of chunks) {
      const bytes = Buffer.from(chunk)
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
    }
  } catch (error) {
    if (error instanceof HeapproofError) throw error
    throw new HeapproofError('cannot-write', `${path}: cannot be written: ${(error as Error).message}`)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

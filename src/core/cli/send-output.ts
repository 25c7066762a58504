import { pipeline } from 'node:stream/promises'
import { HeapproofError } from '../errors.js'
import { refuseOverwriting, writeOutput } from './output-file.js'

/** Where a command writes to, and what of. */
export interface Output {
  /** Path of a file, or `-` for stdout. */
  readonly path: string
  /** The profiles that are read, so that none of their files is overwritten. */
  readonly fileBases: readonly string[]
  /** What it is, when nobody wants it in a terminal. */
  readonly notForTerminal?: string | undefined
}

/** @throws HeapproofError `invalid-argument` when no file has this path. */
export function checkOutput(path: string): void {
  if (path !== '') return
  throw new HeapproofError('invalid-argument', '-o must be the path of a file, or - for stdout, received ""')
}

/**
 * Writes to a file, whole or not at all, or to stdout.
 *
 * @throws HeapproofError `invalid-argument`, `cannot-write`; and whatever making the chunks throws.
 */
export async function sendOutput(
  { path, fileBases, notForTerminal }: Output,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  checkOutput(path)
  if (path !== '-') {
    refuseOverwriting(path, fileBases)
    await writeOutput(path, chunks)
    return
  }
  if (notForTerminal !== undefined && process.stdout.isTTY) {
    throw new HeapproofError(
      'invalid-argument',
      `${notForTerminal} is not for a terminal: name a file with -o`,
    )
  }
  try {
    await pipeline(chunks, process.stdout, { end: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error // `heapproof export base | head` is no mistake
  }
}

/** The same with text. */
export async function sendText(output: Output, texts: Iterable<string>): Promise<void> {
  await sendOutput(output, encoded(texts))
}

async function* encoded(texts: Iterable<string>): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) yield Buffer.from(text, 'utf8')
}

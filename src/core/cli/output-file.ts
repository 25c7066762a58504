import { randomBytes } from 'node:crypto'
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { HeapproofError } from '../errors.js'
import { fileIdentity } from '../merge/file-identity.js'

/**
 * Writes a file whole or not at all: into a new file beside it, which then takes its name. A symbolic link stays one.
 * What is no file, such as a pipe or `/dev/null`, is written to as it is.
 *
 * @throws HeapproofError `cannot-write`; and whatever reading the chunks throws.
 */
export async function writeOutput(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const existing = statSync(path, { throwIfNoEntry: false })
  if (existing?.isDirectory()) throw cannotWrite(path, 'it is a directory')
  if (existing !== undefined && !existing.isFile()) return await written(path, path, 'w', chunks)
  const target = existing === undefined ? path : realpathSync(path)
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
  const remove = () => rmSync(temporary, { force: true })
  const stopListening = onSignals(remove)
  try {
    await written(path, temporary, 'wx', chunks)
    writing(path, () => renameSync(temporary, target))
  } catch (error) {
    remove()
    throw error
  } finally {
    stopListening()
  }
}

async function written(
  path: string,
  file: string,
  flags: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  // Opened before anything can fail: a stream would open it some time later, after it was removed.
  const descriptor = writing(path, () => openSync(file, flags))
  try {
    for await (const chunk of chunks) {
      for (let done = 0; done < chunk.length; )
        done += writing(path, () => writeSync(descriptor, chunk, done))
    }
  } finally {
    closeSync(descriptor)
  }
}

function writing<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw cannotWrite(path, (error as Error).message)
  }
}

/**
 * @throws HeapproofError `invalid-argument` when the output is a file of one of the profiles that are read, by whatever
 *   name.
 */
export function refuseOverwriting(output: string, fileBases: readonly string[]): void {
  const written = fileIdentity(output)
  if (written === undefined) return
  for (const fileBase of fileBases) {
    for (const extension of ['hpm', 'hpd', 'hpc']) {
      const input = `${fileBase}.${extension}`
      if (fileIdentity(input) !== written) continue
      throw new HeapproofError('invalid-argument', `${output}: is ${input}, which is to be read`)
    }
  }
}

/** Cleans up when a signal ends the process, and lets it end by that signal. */
function onSignals(cleanUp: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const end = (signal: NodeJS.Signals): void => {
    cleanUp()
    stop()
    process.kill(process.pid, signal)
  }
  const stop = () => {
    for (const signal of signals) process.removeListener(signal, end)
  }
  for (const signal of signals) process.once(signal, end)
  return stop
}

function cannotWrite(path: string, reason: string): HeapproofError {
  return new HeapproofError('cannot-write', `${path}: cannot be written: ${reason}`)
}

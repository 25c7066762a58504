import { setImmediate } from 'node:timers/promises'
import { HeapproofError } from '../errors.js'
import { DigestReader } from '../format/hpc-reader.js'
import type { Summary } from '../format/summary.js'
import { createDigest, MemoryFile } from './file.js'
import { type DigestJob, type DigestProgress, digestSteps } from './steps.js'

/** Milliseconds of work without anything else getting a turn. */
const TURN = 20

export interface Attention {
  readonly onProgress?: ((progress: DigestProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes the digest beside the recording. In turns of some milliseconds, so that a signal can come in between: Ctrl-C
 * is an event, and without turns nobody would see it before the end. Ended by `signal`, the digest goes as far as it
 * has come, and what the signal gives as its reason is thrown.
 *
 * @throws HeapproofError `cannot-write`, `damaged-profile`, `invalid-argument`.
 */
export async function writeDigest(
  job: Omit<DigestJob, 'sink'>,
  { onProgress, signal }: Attention,
): Promise<Summary> {
  signal?.throwIfAborted()
  const sink = createDigest(job.recording.fileBase)
  try {
    const steps = digestSteps({ ...job, sink })
    let turn = performance.now()
    let step = steps.next(false)
    while (!step.done) {
      onProgress?.(step.value)
      if (performance.now() - turn > TURN) {
        await setImmediate()
        turn = performance.now()
      }
      step = steps.next(signal?.aborted === true)
    }
    sink.commit()
    if (step.value === undefined) signal?.throwIfAborted()
    return step.value as Summary
  } finally {
    sink.discard()
  }
}

/** The same in memory, all at once. */
export function digestInMemory(job: Omit<DigestJob, 'sink'>): DigestReader {
  const sink = new MemoryFile()
  const steps = digestSteps({ ...job, sink })
  while (!steps.next(false).done);
  const { fileBase, tables } = job.recording
  const digest = DigestReader.open(sink.input(`${fileBase}.hpc (in memory)`), tables.traceNodes.length - 1)
  if (digest !== undefined) return digest
  throw new HeapproofError('damaged-profile', `${fileBase}: a digest cannot be read back`) // never
}

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
 * Takes the steps of a long walk in turns of some milliseconds, so that a signal can come in between: Ctrl-C is an event,
 * and without turns nobody would see it before the end. Steps are told when the signal has come.
 */
export async function inTurns<Step, Result>(
  steps: Generator<Step, Result, boolean>,
  onStep: (step: Step) => void,
  signal: AbortSignal | undefined,
): Promise<Result> {
  let turn = performance.now()
  let step = steps.next(false)
  while (!step.done) {
    onStep(step.value)
    if (performance.now() - turn > TURN) {
      await setImmediate()
      turn = performance.now()
    }
    step = steps.next(signal?.aborted === true)
  }
  return step.value
}

/**
 * Writes the digest beside the recording. Ended by `signal`, the digest goes as far as it has come, and what the signal
 * gives as its reason is thrown.
 *
 * @throws HeapproofError `cannot-write`, `damaged-profile`, `invalid-argument`.
 */
export async function writeDigest(
  job: Omit<DigestJob, 'sink'>,
  { onProgress, signal }: Attention,
): Promise<Summary> {
  const sink = createDigest(job.recording.fileBase)
  try {
    const steps = digestSteps({ ...job, sink })
    const summary = await inTurns(steps, (progress) => onProgress?.(progress), signal)
    sink.commit()
    if (summary === undefined) signal?.throwIfAborted()
    return summary as Summary
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

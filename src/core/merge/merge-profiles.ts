/** What became of an input. */
export interface MergedPart {
  readonly fileBase: string
  /** As `reader.end`: undefined when it was cut, or is still being written. */
  readonly end: string | undefined
  /** As `reader.truncated`. */
  readonly truncated: number
}

export interface MergeOptions {
  /** Ends the merge; nothing is left of it then, and the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Writes several recordings as one: `<outBase>.hpm` and `<outBase>.hpd`. Its events are those of all of them in the order
 * of absolute time, equal stacks are one trace, and its exact counters are the sums. `header.merged` says whose the
 * thread numbers of its events are. A recording that was cut, or is still being written, is taken as far as it goes.
 *
 * Both files take the place of former ones when they are complete. Answers what became of each input, in their order.
 *
 * Cost: a walk through all events, and another for recordings of native memory. Memory grows with the number of different
 * stacks; at most 64 recordings are open at a time, and when there are more, intermediate files are written beside the
 * output.
 *
 * @throws HeapproofError `invalid-argument` when there is nothing to merge, an input is named twice, or the output is one of
 *   the inputs; `cannot-write`; the codes of `read()`.
 */
export async function mergeProfiles(
  fileBases: readonly string[],
  outBase: string,
  options: MergeOptions = {},
): Promise<readonly MergedPart[]> {
  // Loaded when it is asked for: a program that is recorded does not need it.
  const { writeMerged } = await import('./write-merged.js')
  return await writeMerged(fileBases, outBase, options)
}

/**
 * Options of Node that make V8's choices repeat: where it samples, how it mixes hashes (and so how tables grow), when it
 * collects, and when a compiler that works beside the program would be done. A process has them from its start or never.
 */
const FLAGS = ['--random-seed=1', '--hash-seed=1', '--single-threaded', '--predictable-gc-schedule'] as const

/** Which process has its options of Node from {@link startReproducibly}, and not from its start. */
const CHANGED = 'HEAPPROOF_REPRODUCIBLE_FROM'

/** The options of Node for a process of tests, with those that make V8's choices repeat. */
export function reproducibleFlags(execArgv: readonly string[]): string[] {
  return [...execArgv, ...FLAGS.filter((flag) => !execArgv.includes(flag))]
}

/** Has processes that this one forks be started with these options: a fork gets what its parent says it has. */
export function startReproducibly(): void {
  process.execArgv = reproducibleFlags(process.execArgv)
  process.env[CHANGED] = String(process.pid)
}

/** Whether processes that this one forks are started with them. */
export function forksReproducibly(): boolean {
  return FLAGS.every((flag) => process.execArgv.includes(flag))
}

/** Whether this process was started with them. */
export function isReproducible(): boolean {
  return forksReproducibly() && process.env[CHANGED] !== String(process.pid)
}

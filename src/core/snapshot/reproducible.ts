/**
 * Options of Node that make V8's choices repeat: where it samples, how it mixes hashes (and so how tables grow), when it
 * collects, and when a compiler that works beside the program would be done. A process has them from its start or never.
 */
const FLAGS = ['--random-seed=1', '--hash-seed=1', '--single-threaded', '--predictable-gc-schedule'] as const

/** The options of Node for a process of tests, with those that make V8's choices repeat. */
export function reproducibleFlags(execArgv: readonly string[]): string[] {
  return [...execArgv, ...FLAGS.filter((flag) => !execArgv.includes(flag))]
}

/** Whether this process was started with them. */
export function isReproducible(execArgv: readonly string[] = process.execArgv): boolean {
  return FLAGS.every((flag) => execArgv.includes(flag))
}

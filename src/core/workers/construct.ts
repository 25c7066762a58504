import type { Worker, WorkerOptions } from 'node:worker_threads'

type Make = (options: WorkerOptions) => Worker

/**
 * Makes a worker that requires `preload` before its own file.
 *
 * Left to itself a worker inherits the flags of its parent; with flags of its own it does not, so these have to name
 * those of the parent. Some of them, V8's above all, a worker refuses by name: it is made without them then, and has them
 * all the same, because they are those of the process.
 */
export function makeWith(preload: string, given: WorkerOptions | undefined, make: Make): Worker {
  const own = given?.execArgv
  if (own !== undefined && !Array.isArray(own)) return make(given as WorkerOptions) // Node says what is wrong
  const flags = own ?? process.execArgv
  const withFlags = (execArgv: readonly string[]) =>
    make({ ...given, execArgv: [...execArgv, '--require', preload] })
  try {
    return withFlags(flags)
  } catch (error) {
    const refused = own === undefined ? refusedFlags(error) : []
    if (refused.length === 0) throw error
    return withFlags(flags.filter((flag) => !refused.includes(flag)))
  }
}

/** `Initiated Worker with invalid execArgv flags: --expose-gc, --stack-size=100` */
function refusedFlags(error: unknown): string[] {
  const { code, message } = error as NodeJS.ErrnoException
  if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return []
  return message.slice(message.indexOf(': ') + 2).split(', ')
}

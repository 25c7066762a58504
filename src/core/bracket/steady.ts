import { setFlagsFromString } from 'node:v8'

/**
 * Left to itself V8 compiles on threads of its own. When such a thread is done with a function depends on what else the
 * machine does, and from then on the function may allocate half as much: fractions need no objects in optimised code. With
 * this option the program waits for the compiler instead, so that a function is optimised at the same call in each run. It
 * computes as fast as before, and is no reason for Node to refuse its code cache, as most options of V8 are.
 */
const FLAG = '--no-concurrent-recompilation'

/** The options of Node for a process of tests, with the one that makes V8 optimise at the same calls in each run. */
export function steadyFlags(execArgv: readonly string[]): string[] {
  const given = execArgv.some((flag) => /^--(?:no-?)?concurrent[-_]recompilation$/.test(flag))
  return given ? [...execArgv] : [...execArgv, FLAG]
}

/** The same for worker threads that this process starts from now on; they refuse options of V8 of their own. */
export function makeThreadsSteady(): void {
  setFlagsFromString(FLAG)
}

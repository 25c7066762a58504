import { spawn } from 'node:child_process'

/** How a program ended. */
export interface Ending {
  readonly pid: number | undefined
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What to start. */
export interface Program {
  readonly script: string
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string>>
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Starts the Node that runs us, with the options it has, and a program: lends it stdin, stdout and stderr, hands on the
 * signals we get, and waits for its end.
 */
export function runNode({ script, args, variables }: Program): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
      stdio: 'inherit',
      env: { ...process.env, ...variables },
    })
    const forward = (signal: NodeJS.Signals) => {
      // Ctrl-C goes to every process of the terminal: handing it on would give it to the program twice.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    const settle = () => {
      for (const signal of FORWARDED) process.removeListener(signal, forward)
    }
    child.once('error', (error) => {
      settle()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      settle()
      resolve({ pid: child.pid, code, signal })
    })
  })
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { HeapproofError } from '../errors.js'
import type { ProcessOptions } from './options.js'

/** How a command ended, and what it printed. */
export interface CommandResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

/** Milliseconds a command has to end after SIGTERM. */
const GRACE = 5_000

/**
 * Runs a command to its end, without a shell.
 *
 * @throws HeapproofError `cannot-run`, naming the command; what `signal` gives as its reason.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, input = '', timeout, signal }: ProcessOptions,
  env: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  signal?.throwIfAborted()
  const child = spawn(command, args, { cwd, env, stdio: 'pipe' })
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => {
      reject(new HeapproofError('cannot-run', `measureProcess: ${command} cannot be run: ${error.message}`))
    })
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  child.stdin.on('error', () => {}) // a command need not read what it is given
  child.stdin.end(input)

  let timedOut = false
  let last: NodeJS.Timeout | undefined
  const end = () => {
    child.kill('SIGTERM')
    last = setTimeout(() => {
      child.kill('SIGKILL')
      // A process that it has started may hold these open for as long as it likes.
      child.stdout.destroy()
      child.stderr.destroy()
    }, GRACE)
  }
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true
          end()
        }, timeout)
  signal?.addEventListener('abort', end)
  try {
    const [exitCode, ending] = await Promise.race([once(child, 'close'), failed])
    signal?.throwIfAborted()
    return { exitCode, signal: ending, stdout: stdout(), stderr: stderr(), timedOut }
  } finally {
    clearTimeout(timer)
    clearTimeout(last)
    signal?.removeEventListener('abort', end)
  }
}

/** All of a stream as text, decoded once, so that no character is cut in two. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}

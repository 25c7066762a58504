import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary.js'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The command line as it is built. */
export const CLI = join(root, 'dist/cli.cjs')

/** The library as it is built, for programs that require it. */
export const LIBRARY = join(root, 'dist/index.cjs')

/** What a finished process left. */
export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** How to start a process. */
export interface Surroundings {
  readonly cwd: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds after which it is killed. */
  readonly limit?: number
}

/** Runs `heapproof` with these arguments until it ends. */
export function heapproof(args: readonly string[], surroundings: Surroundings): Finished {
  return node([CLI, ...args], surroundings)
}

/** Runs Node with these arguments until it ends. */
export function node(args: readonly string[], surroundings: Surroundings): Finished {
  return finished(process.execPath, args, surroundings)
}

/** Runs Node where no file can grow beyond so many bytes, which is what a full disk is like. */
export function withFilesUpTo(bytes: number, args: readonly string[], surroundings: Surroundings): Finished {
  const blocks = Math.floor(bytes / 512) // the unit of a POSIX shell
  const script = `ulimit -f ${blocks}; exec "$0" "$@"`
  return finished('sh', ['-c', script, process.execPath, ...args], surroundings)
}

function finished(
  command: string,
  args: readonly string[],
  { cwd, input = '', env = {}, limit }: Surroundings,
): Finished {
  const result = spawnSync(command, args, {
    cwd,
    input,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: limit,
    killSignal: 'SIGKILL',
  })
  return { code: result.status, signal: result.signal, stdout: result.stdout, stderr: result.stderr }
}

/** A folder with these files in it, gone after the test. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = temporaryFolder()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

/** A program that allocates about 13 MB in line 3, and keeps it. */
export const ALLOCATING = `
const kept = []
function fill() { for (let i = 0; i < 100000; i++) kept.push({ a: i, b: [i] }) }
fill()
`

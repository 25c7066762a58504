import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PATIENCE } from '../../support/patience.js'
import { temporaryFolder } from '../../support/temporary.js'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')

export const RUNNERS = ['vitest', 'jest'] as const
export type Runner = (typeof RUNNERS)[number]

/** How a runner is started. */
const BIN = { vitest: ['vitest/vitest.mjs', 'run'], jest: ['jest/bin/jest.js'] } as const

/** What a finished process left. */
export interface Finished {
  readonly code: number | null
  readonly output: string
}

/** A git repository and checkouts of it, as machines of a CI have them; heapproof and runners are installed for all. */
export class Checkouts {
  readonly folder: string
  /** The working tree of a developer. */
  readonly main: string

  constructor() {
    this.folder = temporaryFolder()
    this.main = join(this.folder, 'main')
    install(join(this.folder, 'node_modules'))
    mkdirSync(this.main)
    this.git('init', '-q', '-b', 'main')
  }

  git(...args: string[]): string {
    const who = [
      '-c',
      'user.name=somebody',
      '-c',
      'user.email=somebody@example.org',
      '-c',
      'commit.gpgsign=false',
    ]
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
    return execFileSync('git', [...who, ...args], { cwd: this.main, encoding: 'utf8', env })
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.main, path)), { recursive: true })
      writeFileSync(join(this.main, path), text)
    }
  }

  read(path: string): string {
    return readFileSync(join(this.main, path), 'utf8')
  }

  commit(message: string): void {
    this.git('add', '-A')
    this.git('commit', '-q', '-m', message)
  }

  /** Checks a commit out in a folder of its own, as a job does, runs tests there, and keeps `.heapproof` as an artifact. */
  async job(runner: Runner, name: string, commit: string, args: readonly string[]): Promise<Finished> {
    const folder = join(this.folder, `job-${name.replaceAll('/', '-')}`)
    this.git('worktree', 'add', '-q', '--detach', folder, commit)
    const finished = await run(runner, folder, args, { CI: '1' })
    cpSync(join(folder, '.heapproof'), join(this.folder, 'artifacts', name, '.heapproof'), {
      recursive: true,
    })
    rmSync(folder, { recursive: true })
    this.git('worktree', 'prune')
    return finished
  }

  /** Runs tests where the developer works. */
  async run(runner: Runner, ...args: string[]): Promise<Finished> {
    return await run(runner, this.main, runner === 'jest' ? ['--ci=false', ...args] : args, {})
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The files that npm would install: Jest transforms what does not lie in `node_modules`. */
export function install(modules: string): void {
  const target = join(modules, 'heapproof')
  mkdirSync(join(target, 'build/Release'), { recursive: true })
  cpSync(join(repository, 'dist'), join(target, 'dist'), { recursive: true })
  for (const name of ['package.json', 'build/Release/heapproof.node']) {
    cpSync(join(repository, name), join(target, name))
  }
  for (const name of ['node-gyp-build', 'vitest', 'jest', 'prettier']) {
    const from = join(repository, 'node_modules', name)
    if (existsSync(from)) symlinkSync(from, join(modules, name), 'junction')
  }
}

async function run(
  runner: Runner,
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  // The runner that runs us leaves its marks in the environment.
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|JEST|TEST$|NODE_ENV$|NODE_OPTIONS$|CI$|GITHUB_|FORCE_COLOR$)/.test(name),
  )
  const [script, ...first] = BIN[runner]
  const child = spawn(
    process.execPath,
    [join(cwd, '../node_modules', script), ...first, ...args, ...PATIENCE[runner]],
    {
      cwd,
      env: { ...Object.fromEntries(own), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output }
}

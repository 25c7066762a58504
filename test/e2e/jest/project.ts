import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PATIENCE } from '../../support/patience.js'
import { temporaryFolder } from '../../support/temporary.js'
import type { Outcome } from '../cases/bodies.js'
import { toolsFor } from './tools.js'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')

export const versions = [29, 30] as const
export type Version = (typeof versions)[number]

/** Milliseconds that npm may take on a busy machine. */
export const INSTALLING = 600_000

/** Installs what a project with this version needs, unless it is there; for a hook, since tests have less time. */
export function prepare(version: Version): void {
  toolsFor(version)
}

/** What one run of Jest left. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly tests: ReadonlyMap<string, Outcome>
}

const TOOLS = [
  '@babel/plugin-transform-modules-commonjs',
  '@babel/preset-typescript',
  '@swc/core',
  '@swc/jest',
  'jest-environment-jsdom',
  'ts-jest',
]

/** Of each test what reached the reporters, for `run()` to read. */
const REPORTER = `module.exports = class {
  onRunComplete(_, { testResults }) {
    const tests = testResults.flatMap((file) => file.testResults)
    const rows = tests.map((test) => [test.fullName.trim(), {
      status: test.status, message: test.failureMessages.join('\\n'), record: test.heapproof,
    }])
    const { renameSync, writeFileSync } = require('node:fs')
    writeFileSync(__dirname + '/outcomes.new', JSON.stringify(rows))
    renameSync(__dirname + '/outcomes.new', __dirname + '/outcomes.json')
  }
}`

/** A project in a temporary directory, with a version of Jest and what people use with it, and heapproof as installed. */
export class Project {
  readonly root: string
  readonly #jest: string

  /** @param files texts by path */
  constructor(version: Version, files: Readonly<Record<string, string>>) {
    this.root = temporaryFolder()
    const modules = join(this.root, 'node_modules')
    for (const scope of ['@babel', '@swc']) mkdirSync(join(modules, scope), { recursive: true })
    const tools = toolsFor(version)
    for (const name of TOOLS) symlinkSync(join(tools, name), join(modules, name), 'junction')
    symlinkSync(join(repository, 'node_modules/typescript'), join(modules, 'typescript'), 'junction')
    this.#jest = version === 29 ? join(tools, 'jest') : join(repository, 'node_modules/jest')
    symlinkSync(this.#jest, join(modules, 'jest'), 'junction')
    install(modules)
    writeFileSync(join(this.root, 'package.json'), '{ "name": "project", "private": true }')
    writeFileSync(join(this.root, 'outcomes.cjs'), REPORTER)
    for (const [path, text] of Object.entries(files)) this.write(path, text)
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  async run(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Run> {
    this.#outcomes() // those of an earlier run
    const child = this.#start(['--ci', ...args], env)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { code, stdout, stderr, tests: this.#outcomes() ?? new Map() }
  }

  /**
   * Runs the tests again each time that a file changes, until nobody asks for more. Jest does not see a change that comes
   * while it ends a run: so `changed` is touched again, later and later, until it does.
   */
  async *watch(changed: string, args: readonly string[] = []): AsyncGenerator<Run['tests'], void> {
    this.#outcomes()
    const child = this.#start(['--watchAll', '--no-watchman', ...args])
    child.stdout.resume()
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    const closed = new Promise((resolve) => child.on('close', resolve))
    try {
      for (let waits = 1, touchAt = 40; child.exitCode === null; waits++) {
        const tests = this.#outcomes()
        if (tests !== undefined) {
          yield tests
          waits = 1
          touchAt = 40
        }
        if (waits === touchAt) {
          this.write(changed, this.read(changed))
          touchAt *= 3
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      throw new Error(`Jest stopped watching: ${stderr}`)
    } finally {
      child.kill('SIGKILL')
      await closed
    }
  }

  #start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return spawn(process.execPath, [join(this.#jest, 'bin/jest.js'), ...PATIENCE.jest, ...args], {
      cwd: this.root,
      env: { ...environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** What the run that ended last left, once. */
  #outcomes(): Run['tests'] | undefined {
    const file = join(this.root, 'outcomes.json')
    if (!existsSync(file)) return undefined
    const rows = JSON.parse(readFileSync(file, 'utf8'))
    rmSync(file)
    return new Map(rows)
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** The files that npm would install: Jest transforms what does not lie in `node_modules`. */
function install(modules: string): void {
  const target = join(modules, 'heapproof')
  mkdirSync(join(target, 'build/Release'), { recursive: true })
  cpSync(join(repository, 'dist'), join(target, 'dist'), { recursive: true })
  for (const name of ['package.json', 'build/Release/heapproof.node'])
    cpSync(join(repository, name), join(target, name))
  symlinkSync(join(repository, 'node_modules/node-gyp-build'), join(modules, 'node-gyp-build'), 'junction')
}

/** The runner that runs us leaves its marks in the environment; a run of its own must not see them. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|JEST|TEST$|NODE_ENV$|NODE_OPTIONS$|CI$|GITHUB_|FORCE_COLOR$)/.test(name),
  )
  return { ...Object.fromEntries(own), NO_COLOR: '1' }
}

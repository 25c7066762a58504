import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../support/temporary.js'
import type { Outcome } from '../cases/bodies.js'
import { toolsFor } from './tools.js'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')

export const versions = [29, 30] as const
export type Version = (typeof versions)[number]

/** What one run of Jest left. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly tests: ReadonlyMap<string, Outcome>
}

/** Of each test what reached the reporters, for `run()` to read. */
const REPORTER = `module.exports = class {
  onRunComplete(_, { testResults }) {
    const tests = testResults.flatMap((file) => file.testResults)
    const rows = tests.map((test) => [test.fullName.trim(), {
      status: test.status, message: test.failureMessages.join('\\n'), record: test.heapproof,
    }])
    require('node:fs').writeFileSync(__dirname + '/outcomes.json', JSON.stringify(rows))
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
    mkdirSync(join(modules, '@swc'), { recursive: true })
    const tools = toolsFor(version)
    for (const name of ['ts-jest', '@swc/jest', '@swc/core', 'jest-environment-jsdom'])
      symlinkSync(join(tools, name), join(modules, name), 'junction')
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

  async run(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Run> {
    const outcomes = join(this.root, 'outcomes.json')
    rmSync(outcomes, { force: true })
    const child = spawn(process.execPath, [join(this.#jest, 'bin/jest.js'), '--ci', ...args], {
      cwd: this.root,
      env: { ...environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    const rows = existsSync(outcomes) ? JSON.parse(readFileSync(outcomes, 'utf8')) : []
    return { code, stdout, stderr, tests: new Map(rows) }
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

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestRecord } from '../../../src/core/bracket/record.js'
import { PATIENCE } from '../../support/patience.js'
import { temporaryFolder } from '../../support/temporary.js'
import { vitest } from './versions.js'

const here = dirname(fileURLToPath(import.meta.url))
export const repository: string = join(here, '../../..')

/** A copy of a fixture in a temporary directory, in which `heapproof` and `vitest` are installed. */
export class Project {
  readonly root: string
  readonly #vitest: string

  /** @param version folder of a Vitest, when it is not the one under test. */
  constructor(fixture: string, version: string = vitest) {
    this.root = temporaryFolder()
    this.#vitest = version
    cpSync(join(here, 'fixtures', fixture), this.root, { recursive: true })
    mkdirSync(join(this.root, 'node_modules'))
    symlinkSync(repository, join(this.root, 'node_modules/heapproof'), 'junction')
    symlinkSync(version, join(this.root, 'node_modules/vitest'), 'junction')
  }

  /** Runs all tests, or those that `args` select; environment variables may come first. */
  async run(...given: (string | Record<string, string>)[]): Promise<Run> {
    const args = given.filter((each) => typeof each === 'string')
    const variables = given.filter((each) => typeof each !== 'string')
    const report = join(this.root, 'report.json')
    rmSync(report, { force: true })
    const child = spawn(
      process.execPath,
      [
        join(this.#vitest, 'vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile=${report}`,
        ...PATIENCE.vitest,
        ...args,
      ],
      { cwd: this.root, env: Object.assign(environment(), ...variables), stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { exitCode, output, tests: readReport(report) }
  }

  /** Line and column, from 1, of a text in a file. */
  find(file: string, text: string): { line: number; column: number } {
    const lines = readFileSync(join(this.root, file), 'utf8').split('\n')
    const line = lines.findIndex((each) => each.includes(text))
    return { line: line + 1, column: (lines[line] ?? '').indexOf(text) + 1 }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  [Symbol.dispose](): void {
    this.remove()
  }
}

export interface Run {
  readonly exitCode: number | null
  readonly output: string
  readonly tests: ReadonlyMap<string, TestOutcome>
}

export interface TestOutcome {
  readonly status: string
  /** All its failures. */
  readonly message: string
  /** What the plugin measured. */
  readonly record: TestRecord | undefined
  readonly meta: Readonly<Record<string, unknown>>
}

interface Report {
  testResults: {
    assertionResults: {
      fullName: string
      status: string
      failureMessages: string[]
      meta?: { heapproof?: TestRecord }
    }[]
  }[]
}

function readReport(path: string): Map<string, TestOutcome> {
  if (!existsSync(path)) return new Map() // Vitest did not get that far
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  return new Map(
    tests.map(({ fullName, status, failureMessages, meta = {} }) => [
      fullName,
      { status, message: failureMessages.join('\n'), record: meta.heapproof, meta },
    ]),
  )
}

/** The runner that runs us leaves its marks in the environment; a run of its own must not see them. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|NODE_ENV$|CI$|GITHUB_)/.test(name),
  )
  return { ...Object.fromEntries(own), NO_COLOR: '1' }
}

/** The message of a failure, up to the stack, with every number that may change replaced by `#`. */
export function masked(message: string): string {
  return message
    .replace(/\n +at [\s\S]*$/, '')
    .replace(/(?<!")~?\b[\d,.]+ (?:[kM]i?)?B\b/g, '# B')
    .replace(/~[\d,]+ allocations?/g, '~# allocations')
    .replace(/±\d+ %/g, '±# %')
    .replace(/ \d+ %/g, ' # %')
    .replace(/\((?:exact|approximate[^;]*); [^)]*\)/g, '(#)')
    .replace(/ +/g, ' ')
}

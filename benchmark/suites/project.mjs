import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../../native/build/source-digest.mjs'
import { layDown } from './lay-down.mjs'

/** The runners: how each is started, how its test files begin, and how it is told of heapproof. */
export const RUNNERS = {
  vitest: {
    command: ['vitest.mjs', 'run', '--maxWorkers=2'],
    head: "import { expect, test } from 'vitest'\nimport { heapLimit } from 'heapproof/vitest'\nimport limits from './limits.json'",
    manifest: '{ "type": "module" }',
    config: (options, flags) =>
      "import { heapproof } from 'heapproof/vitest'\n" +
      `export default { test: { execArgv: ${JSON.stringify(flags)} }, plugins: [heapproof(${options})] }\n`,
  },
  jest: {
    command: ['bin/jest.js', '--ci', '--maxWorkers=2'],
    head: "const { heapLimit } = require('heapproof/jest')\nconst limits = require('./limits.json')",
    manifest: '{}',
    config: (options) =>
      `import { withHeapproof } from 'heapproof/jest/config'\nexport default withHeapproof({}, ${options})\n`,
  },
}

/** A folder with a runner in it and heapproof as npm lays it down, in which suites run. */
export class SuiteProject {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'heapproof-suite-')))
  #runner
  #installed
  #flags

  /** @param flags options of V8 for the processes that run tests. */
  constructor(name, flags = []) {
    this.#runner = RUNNERS[name]
    this.#installed = join(root, 'node_modules', name)
    this.#flags = flags
    layDown(this.root, name, this.#installed)
    this.write('package.json', this.#runner.manifest)
  }

  write(path, text) {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  /** Writes a test file that begins as all do: with `expect`, `test`, `heapLimit`, and `limits` out of `limits.json`. */
  writeTests(path, text) {
    this.write(path, `${this.#runner.head}\n${text}`)
  }

  /** Runs the suite; `options` are heapproof's, as text. The tests as the report in JSON has them, and what was printed. */
  async run(options, args = []) {
    const report = join(this.root, 'memory.json')
    rmSync(report, { force: true })
    this.write(
      'suite.config.mjs',
      this.#runner.config(`{ report: { json: 'memory.json', html: false }, ${options} }`, this.#flags),
    )
    const [script, ...rest] = this.#runner.command
    // Jest starts its workers with the options of its own process.
    const flags = this.#runner === RUNNERS.jest ? this.#flags : []
    // On a busy machine a test takes longer than the five seconds that it has by itself.
    const own = ['--config', 'suite.config.mjs', '--testTimeout=60000']
    const child = spawn(
      process.execPath,
      [...flags, join(this.#installed, script), ...rest, ...own, ...args],
      { cwd: this.root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    await new Promise((resolve) => child.on('close', resolve))
    if (!existsSync(report)) throw new Error(`no report was written:\n${output}`)
    return { tests: JSON.parse(readFileSync(report, 'utf8')).tests, output }
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Without what changes the way a runner works, or says that one runs already. */
function environment() {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(CI$|GITHUB_|FORCE_COLOR$|npm_|VITEST|JEST|TEST$|NODE_ENV$|NODE_OPTIONS$)/.test(name),
  )
  return { ...Object.fromEntries(own), NO_COLOR: '1' }
}

// What a test suite costs more with heapproof: 200 tests in 10 files, run by Vitest in forks or by Jest, in shuffled rounds.
//
//   node benchmark/suite.mjs [--runner vitest|jest] [--tests tiny|working] [--rounds 15] [--workers 2]
//                            [--package <folder of the runner>]
//
// Jest runs files in its own process once it knows them to be few and fast, unless heapproof reports; here it has worker
// processes in all rows. Where there are more CPUs than workers, V8 compiles beside the tests without heapproof, and
// `steady` takes that away: it shows on the clock, not in the CPU time.
//
// `tiny` tests take a millisecond, nearly all that is measured is what each test file costs to begin; those of `working`
// compute for some 5 to 20 ms each. heapproof is laid into node_modules as npm does it. Prints a table of ratios to the
// suite without it: CPU time of all processes, and time on the clock. The row "nothing, again" is the noise.
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { layDown } from './suites/lay-down.mjs'
import { WORK } from './suites/work.mjs'

const repository = join(dirname(fileURLToPath(import.meta.url)), '..')
const { rounds, ...given } = parseArgs({
  options: {
    runner: { type: 'string', default: 'vitest' },
    tests: { type: 'string', default: 'tiny' },
    rounds: { type: 'string', default: '15' },
    workers: { type: 'string', default: '2' },
    package: { type: 'string' },
  },
}).values

/** A limit of memory that no worker reaches: with any Jest has workers, however fast the tests are. */
const WITH_WORKERS = '{ workerIdleMemoryLimit: Number.MAX_SAFE_INTEGER }'

const FILES = 10
const TESTS = 20

const runners = {
  vitest: {
    command: ['vitest.mjs', 'run', '--pool=forks', `--maxWorkers=${given.workers}`],
    head: "import { expect, test } from 'vitest'",
    config: (options) =>
      `import { heapproof } from 'heapproof/vitest'\nexport default { plugins: [${options && `heapproof(${options})`}] }\n`,
  },
  jest: {
    command: ['bin/jest.js', `--maxWorkers=${given.workers}`],
    head: '', // all of it is global
    config: (options) =>
      options === ''
        ? `export default ${WITH_WORKERS}\n`
        : `import { withHeapproof } from 'heapproof/jest/config'\nexport default withHeapproof(${WITH_WORKERS}, ${options})\n`,
  },
}
const runner = runners[given.runner]
const small = { parse: 50, sort: 2000, equal: 1, words: 20_000, wait: 2 }
const shapes = { tiny: small, working: { parse: 6000, sort: 25_000, equal: 700, words: 60_000, wait: 5 } }
const size = shapes[given.tests]
if (runner === undefined || size === undefined) {
  console.error('suite: --runner takes vitest or jest, --tests takes tiny or working')
  process.exit(1)
}
const installed = given.package ?? join(repository, 'node_modules', given.runner)

const ways = {
  nothing: {},
  'nothing, again': {},
  '--logHeapUsage': { args: ['--logHeapUsage'] },
  counters: { options: '{ report: false, profile: false }' },
  'counters and limits': { options: "{ report: false, profile: false, limits: { allocated: '50MB' } }" },
  'the same, steady: false': {
    options: "{ report: false, profile: false, limits: { allocated: '50MB' }, steady: false }",
  },
  'counters, limits and profiles': {
    options: "{ report: false, limits: { allocated: '50MB' }, profile: {} }",
  },
  'all, with the report': { options: "{ limits: { allocated: '50MB' }, profile: {} }" },
}

const root = realpathSync(mkdtempSync(join(tmpdir(), 'suite-')))
try {
  makeSuite()
  const times = new Map(Object.keys(ways).map((name) => [name, []]))
  for (let round = 0; round <= Number(rounds); round++) {
    for (const name of shuffled(Object.keys(ways))) {
      const time = await run(name)
      if (round > 0) times.get(name).push(time) // the first round fills caches
    }
  }
  print(times)
} finally {
  rmSync(root, { recursive: true, force: true })
}

function makeSuite() {
  layDown(root, given.runner, installed)
  writeFileSync(join(root, 'package.json'), given.runner === 'vitest' ? '{ "type": "module" }' : '{}')
  for (const [name, { options = '' }] of Object.entries(ways))
    writeFileSync(join(root, `${fileName(name)}.config.mjs`), runner.config(options))
  for (let file = 0; file < FILES; file++) {
    const tests = Array.from({ length: TESTS }, (_, test) => testText(file * TESTS + test))
    writeFileSync(join(root, `${file}.test.js`), `${runner.head}\n${WORK}\n${tests.join('\n')}\n`)
  }
}

/** A suite as suites are: most tests are small, some wait, a few do a lot. */
function testText(number) {
  const name = `test ${number}`
  switch (number % 5) {
    case 0:
      return `test('${name}', () => { expect(parse(${size.parse + number})).toHaveLength(${size.parse + number}) })`
    case 1:
      return `test('${name}', async () => { await wait(${size.wait}); expect(sorted(${size.sort})[0]).toBe(0) })`
    case 2:
      return `test('${name}', () => { expect(rows(${size.equal}, ${number})).toEqual(rows(${size.equal}, ${number})) })`
    case 3:
      return given.tests === 'tiny'
        ? `test('${name}', () => { expect(() => { throw new Error('${number}') }).toThrow('${number}') })`
        : `test('${name}', () => { expect(parse(${size.parse / 2}).map(({ s }) => s.toUpperCase()).join()).toContain('X1') })`
    default:
      return `test('${name}', () => { expect(count(text(${size.words})).size).toBeGreaterThan(5) })`
  }
}

/** Seconds of CPU, of all processes of a run, and seconds on the clock. */
function run(name) {
  const [script, ...rest] = runner.command
  const config = `${fileName(name)}.config.mjs`
  const args = [join(installed, script), ...rest, '--config', config, ...(ways[name].args ?? [])]
  return new Promise((resolve, reject) => {
    const child = spawn(
      '/bin/bash',
      ['-c', `TIMEFORMAT='%U %S %R'; time "$0" "$@"`, process.execPath, ...args],
      {
        cwd: root,
        env: { ...process.env, NO_COLOR: '1', GITHUB_ACTIONS: '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let output = ''
    child.stdout.on('data', () => {})
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => {
      const found = /([\d.]+) ([\d.]+) ([\d.]+)\s*$/.exec(output)
      if (code !== 0 || found === null) reject(new Error(`${name}: ${output}`))
      else resolve({ cpu: Number(found[1]) + Number(found[2]), clock: Number(found[3]) })
    })
  })
}

function print(times) {
  const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
  const of = (name, what) => middle(times.get(name).map((time) => time[what]))
  console.log(
    `Node ${process.version}, ${given.runner}, ${FILES * TESTS} ${given.tests} tests in ${FILES} files, ${given.workers} workers; ${rounds} rounds.\n`,
  )
  console.log('|                               | CPU time |  clock |')
  console.log('| ----------------------------- | -------: | -----: |')
  for (const name of times.keys()) {
    const cell = (what) =>
      name === 'nothing'
        ? `${of(name, what).toFixed(2)} s`
        : (of(name, what) / of('nothing', what)).toFixed(2)
    console.log(`| ${name.padEnd(29)} | ${cell('cpu').padStart(8)} | ${cell('clock').padStart(6)} |`)
  }
}

function fileName(name) {
  return `way-${name.replace(/[^a-z]+/gi, '-')}`
}

function shuffled(list) {
  return list
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value)
}

// What a test suite costs more with the plugin: 200 tests in 10 files, run by Vitest in forks, in shuffled rounds.
//
//   node benchmark/suite.mjs [--rounds 5] [--vitest <folder of the package>]
//
// Prints a table of ratios to the suite without the plugin: CPU time of all processes, and time on the clock. The row
// "nothing, again" is the noise.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const repository = join(dirname(fileURLToPath(import.meta.url)), '..')
const { rounds, vitest } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    vitest: { type: 'string', default: join(repository, 'node_modules/vitest') },
  },
}).values

const FILES = 10
const TESTS = 20

const ways = {
  nothing: {},
  'nothing, again': {},
  '--logHeapUsage': { args: ['--logHeapUsage'] },
  counters: { plugin: '{ report: false, profile: false }' },
  'counters and limits': { plugin: "{ report: false, profile: false, limits: { allocated: '50MB' } }" },
  'counters, limits and profiles': {
    plugin: "{ report: false, limits: { allocated: '50MB' }, profile: {} }",
  },
  'all, with the report': { plugin: "{ limits: { allocated: '50MB' }, profile: {} }" },
}

const WORK = `
const parse = (n: number) => JSON.parse(JSON.stringify(Array.from({ length: n }, (_, i) => ({ i, s: 'x' + i, a: [i] }))))
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const sorted = (n: number) => Array.from({ length: n }, (_, i) => (i * 7919) % n).sort((a, b) => a - b)
const text = (n: number) => Array.from({ length: n }, (_, i) => 'w' + (i * i) % 997).join(' ')
const count = (t: string) => { const m = new Map(); for (const w of t.split(' ')) m.set(w, (m.get(w) ?? 0) + 1); return m }
`

const root = mkdtempSync(join(tmpdir(), 'suite-'))
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
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(repository, join(root, 'node_modules/heapproof'), 'junction')
  symlinkSync(vitest, join(root, 'node_modules/vitest'), 'junction')
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  for (const [name, { plugin }] of Object.entries(ways)) {
    const plugins = plugin === undefined ? '' : `heapproof(${plugin})`
    writeFileSync(
      join(root, `${fileName(name)}.config.ts`),
      `import { heapproof } from 'heapproof/vitest'\nexport default { plugins: [${plugins}] }\n`,
    )
  }
  for (let file = 0; file < FILES; file++) {
    const tests = Array.from({ length: TESTS }, (_, test) => testText(file * TESTS + test))
    writeFileSync(
      join(root, `${file}.test.ts`),
      `import { expect, test } from 'vitest'\n${WORK}\n${tests.join('\n')}\n`,
    )
  }
}

/** A suite as suites are: most tests are small, some wait, a few do a lot. */
function testText(number) {
  const name = `test ${number}`
  switch (number % 5) {
    case 0:
      return `test('${name}', () => { expect(parse(${50 + number})).toHaveLength(${50 + number}) })`
    case 1:
      return `test('${name}', async () => { await wait(2); expect(sorted(2000)[0]).toBe(0) })`
    case 2:
      return `test('${name}', () => { expect({ a: [1, { b: ${number} }] }).toEqual({ a: [1, { b: ${number} }] }) })`
    case 3:
      return `test('${name}', () => { expect(() => { throw new Error('${number}') }).toThrow('${number}') })`
    default:
      return `test('${name}', () => { expect(count(text(20_000)).size).toBeGreaterThan(5) })`
  }
}

/** Seconds of CPU, of all processes of a run, and seconds on the clock. */
function run(name) {
  const args = [
    join(vitest, 'vitest.mjs'),
    'run',
    '--config',
    `${fileName(name)}.config.ts`,
    '--pool=forks',
    ...(ways[name].args ?? []),
  ]
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
  console.log(`Node ${process.version}, ${FILES * TESTS} tests in ${FILES} files; ${rounds} rounds.\n`)
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

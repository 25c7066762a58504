// How many collections fall into tests, and how many of the numbers stay exact, with and without V8's options for a larger
// young generation: 200 tests in 10 files, run by Jest in two worker processes.
//
//   node benchmark/collections.mjs [--rounds 3]
//
// Prints a table: tests whose number is exact, tests that were collected in, collections in all bodies, and how far the
// allocated bytes of a test are from run to run (the median of the tests' largest difference).
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { markdown } from './table.mjs'

const repository = join(dirname(fileURLToPath(import.meta.url)), '..')
const { rounds } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } }).values

const FILES = 10
const TESTS = 20

/** Jest starts its workers with what its own process was started with. */
const ways = {
  'no options': [],
  'no options, again': [],
  '--min-semi-space-size=16': ['--min-semi-space-size=16'],
  '--min-semi-space-size=64 --max-semi-space-size=64': [
    '--min-semi-space-size=64',
    '--max-semi-space-size=64',
  ],
  '--semi-space-growth-factor=8': ['--semi-space-growth-factor=8'],
}

const WORK = `
const kept = []
const parse = (n) => JSON.parse(JSON.stringify(Array.from({ length: n }, (_, i) => ({ i, s: 'x' + i, a: [i] }))))
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const sorted = (n) => Array.from({ length: n }, (_, i) => (i * 7919) % n).sort((a, b) => a - b)
const text = (n) => Array.from({ length: n }, (_, i) => 'w' + (i * i) % 997).join(' ')
const keep = (n) => { for (let i = 0; i < n; i++) kept.push({ i, next: { i } }) }
`

const root = mkdtempSync(join(tmpdir(), 'collections-'))
try {
  makeSuite()
  await run([]) // fills Jest's cache
  const runs = new Map(Object.keys(ways).map((name) => [name, []]))
  for (let round = 0; round < Number(rounds); round++)
    for (const [name, flags] of Object.entries(ways)) runs.get(name).push(await run(flags))
  print(runs)
} finally {
  rmSync(root, { recursive: true, force: true })
}

function makeSuite() {
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(repository, join(root, 'node_modules/heapproof'), 'junction')
  writeFileSync(join(root, 'package.json'), '{}')
  writeFileSync(
    join(root, 'jest.config.js'),
    `const { withHeapproof } = require('heapproof/jest/config')
    module.exports = withHeapproof({ transform: {}, reporters: ['./records.js'] }, { report: false, profile: false })`,
  )
  writeFileSync(
    join(root, 'records.js'),
    `module.exports = class {
      onRunComplete(_, { testResults }) {
        const tests = testResults.flatMap((file) => file.testResults)
        require('node:fs').writeFileSync('records.json', JSON.stringify(tests.map((test) => [test.fullName, test.heapproof])))
      }
    }`,
  )
  for (let file = 0; file < FILES; file++) {
    const tests = Array.from({ length: TESTS }, (_, test) => testText(file * TESTS + test))
    writeFileSync(join(root, `${file}.test.js`), `${WORK}\n${tests.join('\n')}\n`)
  }
}

/** From some kB to some 20 MB, with waits and without, kept and not. */
function testText(number) {
  switch (number % 5) {
    case 0:
      return `test('${number}', () => { expect(parse(${50 + number})).toHaveLength(${50 + number}) })`
    case 1:
      return `test('${number}', async () => { await wait(2); expect(sorted(2000)[0]).toBe(0) })`
    case 2:
      return `test('${number}', () => { keep(${100 * number}) })`
    case 3:
      return `test('${number}', async () => { await wait(1); keep(1000); await wait(1) })`
    default:
      return `test('${number}', () => { expect(text(200_000).length).toBeGreaterThan(5) })`
  }
}

/** The records of a run, by test. */
function run(flags) {
  return new Promise((resolve, reject) => {
    const jest = join(repository, 'node_modules/jest/bin/jest.js')
    const child = spawn(process.execPath, [...flags, jest, '--ci', '-w', '2'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let output = ''
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => {
      if (code === 0) resolve(new Map(JSON.parse(readFileSync(join(root, 'records.json'), 'utf8'))))
      else reject(new Error(`${flags.join(' ')}: ${output}`))
    })
  })
}

function print(runs) {
  const all = FILES * TESTS
  const rows = [...runs].map(([name, given]) => {
    const records = given.flatMap((each) => [...each.values()])
    const share = (holds) => `${((100 * records.filter(holds).length) / records.length).toFixed(1)} %`
    const collections = records.reduce((sum, record) => sum + record.collections, 0)
    return [
      name,
      share(({ certainty }) => certainty === 'exact'),
      share(({ collections }) => collections > 0),
      (collections / given.length).toFixed(0),
      `${median([...given[0].keys()].map((test) => spread(given.map((each) => each.get(test).allocated)))).toFixed(1)} %`,
    ]
  })
  console.log(`Node ${process.version}, ${all} tests in ${FILES} files, 2 workers; ${rounds} rounds.\n`)
  console.log(markdown([['', 'exact', 'collected in', 'collections', 'from run to run'], ...rows]))
}

/** Per cent of the smallest. */
function spread(values) {
  const least = Math.min(...values)
  return least === 0 ? 0 : (100 * (Math.max(...values) - least)) / least
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}

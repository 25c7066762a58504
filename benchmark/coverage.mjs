// What collecting coverage changes in the numbers of tests: the same five bodies, each in a file of its own, run by Jest
// and by Vitest with and without coverage.
//
//   node benchmark/coverage.mjs [--rounds 5]
//
// Prints kB that the bodies allocated: the least and the most of all rounds.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { markdown } from './table.mjs'

const repository = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(repository, 'node_modules')
const { rounds } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } }).values

const bodies = {
  'one line of code': '1 + 1',
  '20,000 objects kept': 'for (let i = 0; i < 20000; i++) kept.push({ i })',
  '100,000 sums of fractions':
    'let sum = 0; for (let i = 0; i < 100000; i++) sum = add(sum, i / 7); kept.push(sum)',
  '50,000 points added, none kept':
    'let at = { x: 0, y: 0 }; for (let i = 0; i < 50000; i++) at = move(at, { x: i, y: 1 }); kept.push(at)',
  'JSON there and back':
    'kept.push(JSON.parse(JSON.stringify(Array.from({ length: 5000 }, (_, i) => ({ i })))))',
}

const ways = {
  Jest: ['jest'],
  'Jest, babel': ['jest', '--coverage', '--coverageProvider=babel'],
  'Jest, v8': ['jest', '--coverage', '--coverageProvider=v8'],
  Vitest: ['vitest'],
  'Vitest, v8': ['vitest', '--coverage'],
}

const root = mkdtempSync(join(tmpdir(), 'coverage-'))
try {
  makeSuite()
  const runs = new Map(Object.keys(ways).map((name) => [name, []]))
  for (let round = 0; round < Number(rounds); round++)
    for (const [name, [runner, ...args]] of Object.entries(ways)) runs.get(name).push(await run(runner, args))
  const names = Object.keys(ways)
  const rows = Object.keys(bodies).map((body) => [
    body,
    ...names.map((name) => range(runs.get(name).map((each) => each[body]))),
  ])
  console.log(`Node ${process.version}; ${rounds} rounds.\n`)
  console.log(markdown([['', ...names], ...rows]))
} finally {
  rmSync(root, { recursive: true, force: true })
}

function makeSuite() {
  mkdirSync(join(root, 'node_modules/@vitest'), { recursive: true })
  symlinkSync(repository, join(root, 'node_modules/heapproof'), 'junction')
  for (const name of ['vitest', '@vitest/coverage-v8'])
    symlinkSync(join(modules, name), join(root, 'node_modules', name), 'junction')
  const texts = {
    'package.json': '{}',
    'jest.config.js': `const { withHeapproof } = require('heapproof/jest/config')
      module.exports = withHeapproof(
        { transform: {}, reporters: ['./records.js'], coverageReporters: ['json'] }, { report: false, profile: false })`,
    'vitest.config.mjs': `import { heapproof } from 'heapproof/vitest'
      export default { plugins: [heapproof({ report: false, profile: false })],
        test: { globals: true, coverage: { provider: 'v8', include: ['work-*.js'], reporter: ['json'] } } }`,
    'records.js': `module.exports = class {
      onRunComplete(_, { testResults }) {
        require('node:fs').writeFileSync('records.json', JSON.stringify({ testResults: testResults.map((file) => ({
          assertionResults: file.testResults.map((test) => ({ fullName: test.fullName, meta: { heapproof: test.heapproof } })) })) }))
      }
    }`,
  }
  Object.entries(bodies).forEach(([name, body], number) => {
    texts[`work-${number}.js`] = `const kept = []
      function add(a, b) { return a + b }
      function move(a, b) { return { x: add(a.x, b.x), y: add(a.y, b.y) } }
      exports.work = () => { ${body} }`
    texts[`${number}.test.js`] = `const { work } = require('./work-${number}.js')
      test('${name}', () => { work() })`
  })
  for (const [path, text] of Object.entries(texts)) writeFileSync(join(root, path), text)
}

/** Allocated bytes by test. */
function run(runner, given) {
  const args = {
    jest: [join(modules, 'jest/bin/jest.js'), '--ci', '-w', '2'],
    vitest: [join(modules, 'vitest/vitest.mjs'), 'run', '--reporter=json', '--outputFile=records.json'],
  }[runner]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, ...given], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => {
      if (code !== 0) return reject(new Error(`${runner} ${given.join(' ')}: ${output}`))
      const { testResults } = JSON.parse(readFileSync(join(root, 'records.json'), 'utf8'))
      const tests = testResults.flatMap((file) => file.assertionResults)
      resolve(Object.fromEntries(tests.map((test) => [test.fullName, test.meta.heapproof.allocated])))
    })
  })
}

function range(values) {
  const kilobytes = [Math.min(...values), Math.max(...values)].map((bytes) =>
    (bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0),
  )
  return [...new Set(kilobytes)].join(' to ')
}

// Records how far runs of the same tests lie apart, and prints it as JSON: for each test the bytes of each run, negative
// where the count was disturbed, null where there was none. runs.json was made with it on Node 20.
//
//     npm run build && node test/core/compare/recorded/record.mjs 8 > test/core/compare/recorded/runs.json
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../../..')
const runs = Number(process.argv[2] ?? 8)
const FILES = 4
const SIZES = [200, 2000, 20_000]

/** Bodies of tests that allocate in different ways. */
const BODIES = {
  json: `const rows = Array.from({ length: n }, (_, i) => ({ id: i, name: 'n' + i, tags: ['a', 'b' + i] }))
    expect(JSON.parse(JSON.stringify(rows)).length).toBe(n)`,
  map: `const map = new Map(); for (let i = 0; i < n; i++) map.set('k' + i, { i, s: String(i) })
    expect(map.size).toBe(n)`,
  string: `let s = ''; for (let i = 0; i < n; i++) s += i + ','
    expect(s.split(',').map(Number).filter((x) => x % 2).length).toBe(n / 2)`,
  points: `class Point { constructor(x, y) { this.x = x; this.y = y } add(o) { return new Point(this.x + o.x, this.y + o.y) } }
    let p = new Point(0, 0); for (let i = 0; i < n; i++) p = p.add(new Point(i, 1.5))
    expect(p.y).toBeGreaterThan(1)`,
  promises: `const f = async (i) => { await null; return { i } }
    const all = []; for (let i = 0; i < n; i++) all.push(await f(i))
    expect(all.length).toBe(n)`,
  timers: `await new Promise((done) => setTimeout(done, 20))
    const all = Array.from({ length: n }, (_, i) => ({ i })); await new Promise((done) => setImmediate(done))
    expect(all.length).toBe(n)`,
  files: `const { readFile } = process.getBuiltinModule('node:fs/promises'); const text = await readFile('words.txt', 'utf8')
    const words = []; for (let i = 0; i < n / 100; i++) words.push(...text.split(' '))
    expect(words.length).toBeGreaterThan(1)`,
  buffers: `const all = []; for (let i = 0; i < n / 100; i++) all.push(Buffer.alloc(1000))
    expect(Buffer.concat(all).length).toBe(n * 10)`,
  sort: `const all = Array.from({ length: n }, (_, i) => ({ k: (i * 7919) % 10007 })).sort((a, b) => a.k - b.k)
    expect(all.map((x) => ({ ...x })).length).toBe(n)`,
  regex: `expect([...'a1b22c333 '.repeat(n).matchAll(/[a-c](\\d+)/g)].length).toBe(3 * n)`,
}

const root = mkdtempSync(join(tmpdir(), 'heapproof-record-'))
try {
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(repository, join(root, 'node_modules/heapproof'), 'junction')
  for (const name of ['vitest', 'jest'])
    symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name), 'junction')
  writeSuite()
  const modules = join(root, 'node_modules')
  const vitest = [join(modules, 'vitest/vitest.mjs'), 'run']
  const recorded = {
    vitest: record(vitest, {}),
    jest: record([join(modules, 'jest/bin/jest.js'), '--ci'], {}),
    settled: record(vitest, { SETTLED: '1' }),
  }
  const lines = Object.entries(recorded).map(([name, tests]) => {
    const rows = Object.entries(tests).map(
      (test) => `    ${test.map((each) => JSON.stringify(each)).join(': ')}`,
    )
    return `  ${JSON.stringify(name)}: {\n${rows.join(',\n')}\n  }`
  })
  console.log(`{\n${lines.join(',\n')}\n}`)
} finally {
  rmSync(root, { recursive: true, force: true })
}

function writeSuite() {
  const put = (name, text) => writeFileSync(join(root, name), text)
  put('package.json', '{ "name": "recorded", "private": true }')
  put('words.txt', 'the quick brown fox jumps over the lazy dog '.repeat(40))
  put(
    'vitest.config.mjs',
    `import { heapproof } from 'heapproof/vitest'
export default { plugins: [heapproof()], test: process.env.SETTLED ? { execArgv: ['--no-opt', '--no-maglev'] } : {} }`,
  )
  put(
    'jest.config.cjs',
    `const { withHeapproof } = require('heapproof/jest/config')
module.exports = withHeapproof({ testMatch: ['**/*.jest.cjs'], transform: {} })`,
  )
  for (let file = 1; file <= FILES; file++) {
    const tests = Object.entries(BODIES).flatMap(([name, body]) =>
      SIZES.map(
        (size) => `test('${name} ${size * file}', async () => { const n = ${size * file}; ${body} })`,
      ),
    )
    put(`suite${file}.jest.cjs`, tests.join('\n'))
    put(`suite${file}.test.mjs`, `import { expect, test } from 'vitest'\n${tests.join('\n')}`)
  }
}

function record(args, env) {
  const tests = {}
  for (let run = 0; run < runs; run++) {
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`a run failed: ${stderr}`)
    const report = JSON.parse(readFileSync(join(root, '.heapproof/report.json'), 'utf8'))
    for (const { name, record } of report.tests) {
      tests[name] ??= []
      tests[name][run] = bytesOf(record)
    }
  }
  return tests
}

function bytesOf(record) {
  if (record === null || record.certainty === 'unknown') return null
  return record.certainty === 'exact' ? record.allocated : -record.allocated
}

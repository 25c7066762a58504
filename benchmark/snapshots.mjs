// Whether the same code gives the same snapshots: 50 tests, a third of which wait for files, timers or threads, run again
// and again by Vitest in processes, with `snapshots: { reproducible: true }`.
//
//   node benchmark/snapshots.mjs [--runs 20] [--plain] [--vitest <folder>] [--package <folder>]
//
// Says two things of each run, beside the first: whether the snapshot file that the first run wrote is still the same to
// the byte after this run with `-u`, as CI would do it; and which lines a file would have otherwise that this run had
// written afresh. Then lists these lines, with what they were in how many runs. `--plain` is without `reproducible`;
// `--package` takes dist and addon from there.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'tsup'
import { layDown } from './suites/lay-down.mjs'
import { markdown } from './table.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '..')
const given = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    plain: { type: 'boolean', default: false },
    vitest: { type: 'string', default: join(repository, 'node_modules/vitest') },
    package: { type: 'string', default: repository },
  },
}).values
const runs = Number(given.runs)

const root = realpathSync(mkdtempSync(join(tmpdir(), 'heapproof-snapshots-')))
const file = join(root, '__snapshots__/heap.suite.js.snap')
try {
  await main()
} finally {
  rmSync(root, { recursive: true, force: true })
}

async function main() {
  makeSuite()
  const renderDigest = await renderer()
  const afresh = []
  let first = ''
  let kept = 0
  for (let run = 0; run <= runs; run++) {
    await runSuite(run === 0 ? [] : ['-u'])
    const now = readFileSync(file, 'utf8')
    if (run === 0) first = now
    const isSame = now === first
    if (run > 0 && isSame) kept++
    if (!isSame) writeFileSync(file, first)
    afresh.push(linesOf(renderDigest))
    const changed = changesOf(afresh[0], afresh[run]).length
    const [what, of] = [isSame ? 'the same' : changedLines(first, now), afresh[0].size]
    console.log(
      run === 0
        ? `${given.plain ? '' : 'reproducible, '}Node ${process.version}: ${of} lines in a file of ${now.length} bytes`
        : `run ${run}: kept and updated: ${what}; written afresh: ${changed} of ${of} lines differ`,
    )
  }
  console.log(`\nkept and updated: the same bytes after ${kept} of ${runs} runs`)
  report(afresh)
}

function makeSuite() {
  layDown(root, 'vitest', given.vitest, given.package)
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  cpSync(join(here, 'snapshots'), root, { recursive: true })
  writeFileSync(
    join(root, 'vitest.config.js'),
    `import { heapproof } from 'heapproof/vitest'
export default {
  plugins: [heapproof({ report: false, snapshots: { reproducible: ${!given.plain} } })],
  test: { include: ['*.suite.js'], pool: 'forks', testTimeout: 60_000 },
}
`,
  )
}

/** What writes a snapshot that is not there yet. */
async function renderer() {
  await build({
    entry: { render: join(repository, 'src/core/snapshot/render.ts') },
    outDir: join(root, 'render'),
    format: 'esm',
    target: 'node20',
    outExtension: () => ({ js: '.mjs' }),
    silent: true,
    config: false,
  })
  return (await import(pathToFileURL(join(root, 'render/render.mjs')).href)).renderDigest
}

function runSuite(args) {
  const command = [join(given.vitest, 'vitest.mjs'), 'run', ...args]
  const env = { ...process.env, NO_COLOR: '1', CI: '', GITHUB_ACTIONS: '' }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(output))))
  })
}

/** The lines that the last run would have written afresh: sizes by test and name. */
function linesOf(renderDigest) {
  const log = readFileSync(join(root, '.heapproof/snapshots/heap.suite.js.jsonl'), 'utf8')
  const lines = new Map()
  for (const text of log.trimEnd().split('\n')) {
    const { key, digest } = JSON.parse(text)
    for (const line of renderDigest(digest).split('\n').slice(1)) {
      const [, size, name] = /^ *(\S+ \S+) {2}(.*)$/.exec(line)
      lines.set(`${key}: ${name}`, size)
    }
  }
  return lines
}

function changesOf(before, now) {
  const names = new Set([...before.keys(), ...now.keys()])
  return [...names].filter((name) => before.get(name) !== now.get(name))
}

function changedLines(before, now) {
  const old = before.split('\n')
  return `CHANGED: ${now
    .split('\n')
    .filter((line) => !old.includes(line))
    .map((line) => line.trim())
    .join('; ')}`
}

/** Each line that was not the same in all runs, with its sizes and how often each was read. */
function report(afresh) {
  const differing = new Set(afresh.flatMap((lines) => changesOf(afresh[0], lines)))
  const rows = [...differing].sort().map((name) => {
    const counts = new Map()
    for (const lines of afresh) {
      const size = lines.get(name) ?? 'not listed'
      counts.set(size, (counts.get(size) ?? 0) + 1)
    }
    const sizes = [...counts].sort(([, a], [, b]) => b - a).map(([size, count]) => `${size} (${count})`)
    return [name, sizes.join(', ')]
  })
  const all = new Set(afresh.flatMap((lines) => [...lines.keys()])).size
  console.log(
    `written afresh: ${all - rows.length} of ${all} lines were the same in all ${afresh.length} runs`,
  )
  if (rows.length > 0) console.log(`\n${markdown([['line', 'sizes (runs)'], ...rows])}`)
}

// Builds heapproof, then shows it at work twice: a test suite in which one test is over its budget, and a profile of
// the TypeScript compiler. Exits with 0 when both went as they should, and the suite should fail in exactly one test.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../native/build/source-digest.mjs'

const LEAST_LINES = 50_000
const cli = join(root, 'dist/cli.cjs')
const compiler = join(root, 'node_modules/typescript/bin/tsc')
const folder = mkdtempSync(join(tmpdir(), 'heapproof-quickstart-'))

try {
  title('Build')
  if (node('native/build/build-addon.mjs') !== 0 || node('native/build/build-bundles.mjs') !== 0)
    throw new Error('the build failed')

  title('A test suite with budgets; one of its tests is over its budget, and is meant to be')
  runExample()

  title('A profile of a real program: the TypeScript compiler checks this project')
  profileCompiler()
} catch (error) {
  console.error(`\nquickstart: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function runExample() {
  const report = join(folder, 'report.json')
  const args = [
    'run',
    '--root',
    'examples/vitest-budget',
    '--reporter=tree',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  spawn([join(root, 'node_modules/vitest/vitest.mjs'), ...args])
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const tests = testResults.flatMap((file) => file.assertionResults)
  const failed = tests.filter((test) => test.status === 'failed')
  const passed = tests.filter((test) => test.status === 'passed')
  const overBudget = failed.every((test) => test.failureMessages.join('\n').includes('toAllocateLessThan'))
  if (failed.length !== 1 || passed.length === 0 || passed.length + 1 !== tests.length || !overBudget) {
    throw new Error(
      `expected one test over its budget and all others passed, got ${failed.length} failed and ${passed.length} passed of ${tests.length}`,
    )
  }
  console.log(`As expected: 1 test over its budget, ${passed.length} passed.`)
}

function profileCompiler() {
  const check = [compiler, '--noEmit', '-p', 'tsconfig.json']
  const lines = declarationLines(check)
  if (lines < LEAST_LINES)
    throw new Error(`expected a project with ${LEAST_LINES} lines of declarations, got ${lines}`)
  console.log(`${lines} lines of declarations to read.\n`)

  const base = '.heapproof/quickstart/tsc'
  mkdirSync(join(root, '.heapproof/quickstart'), { recursive: true })
  if (node(cli, 'run', '-o', base, '--', ...check) !== 0)
    throw new Error('the compiler found errors in this project')
  console.log()
  node(cli, 'top', base, '-n', '12')
  const { stdout } = spawnSync(process.execPath, [cli, 'top', base, '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const { sites } = JSON.parse(stdout)
  const bytes = (list) => list.reduce((sum, site) => sum + site.self, 0)
  const placed = bytes(sites.filter((site) => site.file !== '' && site.line > 0)) / bytes(sites)
  console.log(`\n${(100 * placed).toFixed(1)} % of the sampled bytes have a file and a line.`)
}

/** Lines of all .d.ts files that take part in a check. */
function declarationLines(check) {
  const { stdout } = spawnSync(process.execPath, [...check, '--listFilesOnly'], {
    cwd: root,
    encoding: 'utf8',
  })
  const files = stdout.split('\n').filter((path) => /\.d\.[cm]?ts$/.test(path))
  return files.reduce((sum, path) => sum + readFileSync(path, 'utf8').split('\n').length, 0)
}

function node(...args) {
  return spawn(args).status
}

function spawn(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
}

function title(text) {
  console.log(`\n${text}\n${'-'.repeat(text.length)}`)
}

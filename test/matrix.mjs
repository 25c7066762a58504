// Builds heapproof and runs its tests with Node 20, 22, 24 and 26, one after the other; with `--only 24`, which may be
// given more than once, with that one alone.
//
//   .matrix/nodes/       the four Nodes, as npm packages with binary and headers
//   .matrix/vitest-5/    the Vitest of the end-to-end tests on Node 22 and later
//   .matrix/node-NN/     work/ is a copy of the working tree, log.txt what was printed
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { installLocked } from '../native/build/install-locked.mjs'
import { root } from '../native/build/source-digest.mjs'

const VERSIONS = ['20', '22', '24', '26']
const { only } = parseArgs({ options: { only: { type: 'string', multiple: true } } }).values
const unknown = only?.find((version) => !VERSIONS.includes(version))

if (process.platform !== 'linux' || process.arch !== 'x64')
  fail(`runs on linux-x64 only, this is ${process.platform}-${process.arch}`)
if (unknown !== undefined) fail(`--only takes one of ${VERSIONS.join(', ')}, received ${unknown}`)

const matrix = join(root, '.matrix')
install('nodes')
install('vitest-5')
const results = (only ?? VERSIONS).map(testWith)
const passed = results.every((result) => result.passed)
// Once more, together: of a long log often only the end is kept.
if (!passed) console.log(`\n${results.map(({ line }) => line).join('\n')}`)
process.exit(passed ? 0 : 1)

/** Builds and tests with one Node; prints its line, and says whether all went well and, if not, what failed. */
function testWith(major) {
  const folder = join(matrix, `node-${major}`)
  const work = join(folder, 'work')
  const node = join(matrix, 'nodes/node_modules', `node-${major}`, 'bin/node')
  const vitest = join(major === '20' ? root : join(matrix, 'vitest-5'), 'node_modules/vitest')
  copyTree(work)
  const began = Date.now()
  const log = openSync(join(folder, 'log.txt'), 'w')
  const env = {
    ...withoutNpm(process.env),
    PATH: `${dirname(node)}:${process.env.PATH}`,
    CI: 'true',
    HEAPPROOF_VITEST: vitest,
  }
  const step = (...args) =>
    spawnSync(node, args, { cwd: work, env, stdio: ['ignore', log, log] }).status === 0
  const passed =
    step('native/build/build-addon.mjs') && step('native/build/build-bundles.mjs') && step('test/run.mjs')
  closeSync(log)

  const output = readFileSync(join(folder, 'log.txt'), 'utf8').trimEnd().split('\n')
  if (!passed) console.log(output.slice(-300).join('\n'))
  const summary = output.findLast((line) => line.startsWith('Tests: ')) ?? 'no tests were run'
  const { version } = JSON.parse(readFileSync(join(vitest, 'package.json'), 'utf8'))
  const seconds = Math.round((Date.now() - began) / 1000)
  const unstable = output.filter((line) => line.startsWith('UNSTABLE: '))
  if (passed && unstable.length > 0) console.log(unstable.join('\n'))
  const failures = output.filter((line) => line.startsWith('FAILED: ')).map((line) => `    ${line}\n`)
  const line = `node ${major}  vitest ${version}  ${passed ? 'passed' : 'FAILED'}  ${seconds} s  ${summary}`
  console.log(line)
  return { passed, line: `${failures.join('')}${line}` }
}

/** The working tree without what is made in it. build/ and dist/ of an earlier run stay: their stamps tell what is old. */
function copyTree(work) {
  mkdirSync(work, { recursive: true })
  for (const name of readdirSync(work)) {
    if (name !== 'build' && name !== 'dist') rmSync(join(work, name), { recursive: true, force: true })
  }
  const made = ['.git', '.matrix', '.native-tests', 'build', 'dist', 'dist.new']
  const wanted = (path) => !['node_modules', '.heapproof'].includes(basename(path))
  for (const name of readdirSync(root)) {
    if (!made.includes(name) && !name.endsWith('.lock'))
      cpSync(join(root, name), join(work, name), { recursive: true, filter: wanted })
  }
  symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'))
}

/** Installs a set of packages by its lockfile. */
function install(name) {
  try {
    installLocked(join(root, 'test/matrix', name), join(matrix, name))
  } catch (error) {
    fail(error.message)
  }
}

/** The environment without what npm adds for scripts: it describes the Node and the folder that npm runs in. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)))
}

function fail(sentence) {
  console.error(`matrix: ${sentence}`)
  process.exit(1)
}

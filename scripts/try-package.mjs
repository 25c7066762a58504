// The path of a new user: npm run test:package
//
// Packs the package as it would be published, with the binaries of `npm run prebuilds`, installs it into empty projects,
// pastes the README's snippets (every block whose first line is a comment with a path is a file of that name), runs the
// README's commands and compares what they print with the README, numbers aside. Nothing is compiled on the way.
//
// Exits with 1 when anything differs. `-- --only 'Jest 29'` tries the projects whose name begins like that.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { projects } from './package/projects.mjs'
import { blocks, masked } from './package/readme.mjs'
import { root } from './source-digest.mjs'

const PNPM = 'pnpm@10.20.0'
const { only = '' } = parseArgs({ options: { only: { type: 'string' } } }).values

const folder = mkdtempSync(join(tmpdir(), 'heapproof-package-'))
let failed = 0
let passed = 0
try {
  const readme = blocks(readFileSync(join(root, 'README.md'), 'utf8'))
  const tarball = packed()
  for (const project of projects.filter(({ name }) => name.startsWith(only))) {
    const problem = tried(project, tarball, readme)
    if (problem === undefined) passed++
    else failed++
    console.log(`${problem === undefined ? 'ok    ' : 'not ok'} ${project.name}`)
    if (problem !== undefined) console.log(problem.replace(/^/gm, '    '))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`Tests: ${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

function packed() {
  const { stdout } = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root)
  const [{ filename, files }] = JSON.parse(stdout)
  const binaries = files.filter(({ path }) => /^prebuilds\/linux-x64\/.*\.node$/.test(path)).length
  if (binaries !== 4)
    throw new Error(`expected 4 binaries in the package, found ${binaries}: npm run prebuilds makes them`)
  return join(folder, filename)
}

/** Makes a project and does what the README says. What went wrong, or undefined. */
function tried({ name, node, manager, packages, files, steps }, tarball, readme) {
  const cwd = join(folder, name.replaceAll(/[^\w]+/g, '-').toLowerCase())
  for (const [path, text] of Object.entries(files(readme))) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  const home =
    node === undefined ? undefined : join(root, '.matrix/nodes/node_modules', `node-${node}`, 'bin')
  const env = { PATH: home === undefined ? process.env.PATH : `${home}${delimiter}${process.env.PATH}` }
  try {
    const wanted = [`heapproof@file:${tarball}`, ...packages]
    if (manager === 'npm') run('npm', ['install', '--save-dev', '--no-audit', '--no-fund', ...wanted], cwd)
    else run('npx', ['--yes', PNPM, 'add', '--save-dev', ...wanted], cwd)
    for (const { command, env: more, code, prints } of steps(readme)) {
      const finished = run('npx', ['--no', ...command], cwd, { ...env, ...more }, code)
      const output = masked(`${finished.stdout}\n${finished.stderr}`)
      const missing = prints.map(masked).filter((text) => !output.includes(text))
      if (missing.length > 0)
        return `${command.join(' ')} did not print\n\n${missing.join('\n\n')}\n\nbut\n\n${output}`
    }
    return undefined
  } catch (error) {
    return error.message
  }
}

/** Runs a command; throws when it does not end with this exit code. */
function run(command, args, cwd, env = {}, code = 0) {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_|^VITEST|^JEST/i.test(name)),
  )
  const finished = spawnSync(command, args, {
    cwd,
    env: {
      ...clean,
      ...configuration(),
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      CI: 'true',
      GITHUB_ACTIONS: '',
      ...env,
    },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (finished.status !== code)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${finished.error?.message ?? finished.signal ?? finished.status}, ` +
        `not with ${code}:\n${finished.stdout}\n${finished.stderr}`,
    )
  return finished
}

/** What npm was told about where packages come from stays; the rest of its environment is about this repository. */
function configuration() {
  const kept =
    /^npm_config_(registry|userconfig|globalconfig|cache|https?_proxy|proxy|noproxy|cafile|strict_ssl)$/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name)))
}

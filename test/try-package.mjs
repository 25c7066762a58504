// The path of a new user: npm run test:package
//
// Packs the package as it would be published, with the binaries of `npm run prebuilds`, has the types of its entries
// looked at, installs it into empty projects and does there what the README says: its snippets are pasted (every block whose
// first line is a comment with a path is a file of that name), its commands run, and what they print is compared with
// the README, numbers aside. Nothing is compiled on the way,
// but in one project, which in the end has no binaries and makes its own as the README says.
//
// Exits with 1 when anything differs. `-- --only 'Jest 29'` tries the projects whose name begins like that.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../native/build/source-digest.mjs'
import { projects } from './package/projects.mjs'
import { blocks, masked } from './package/readme.mjs'
import { run } from './package/run.mjs'

const PNPM = 'pnpm@10.20.0'
const BINARIES = 4
const { only = '' } = parseArgs({ options: { only: { type: 'string' } } }).values

const folder = mkdtempSync(join(tmpdir(), 'heapproof-package-'))
const markdown = readFileSync(join(root, 'README.md'), 'utf8')
const readme = blocks(markdown)
let failed = 0
let passed = 0
try {
  const tarball = packed()
  if (only === '') step('the types of every entry, by arethetypeswrong', () => checkTypes(tarball))
  for (const project of projects.filter(({ name }) => name.startsWith(only)))
    step(project.name, () => tried(project, tarball))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`Tests: ${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 1 ? 0 : 1

/** Does it, and prints in one line how it went; what it throws is shown below that line. */
function step(name, work) {
  const began = Date.now()
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s`
  try {
    work()
    passed++
    console.log(`ok     ${seconds()}  ${name}`)
  } catch (error) {
    failed++
    console.log(`not ok ${seconds()}  ${name}\n${error.message.replace(/^/gm, '    ')}`)
  }
}

function packed() {
  const { stdout } = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root)
  const [{ filename, files, size, unpackedSize }] = JSON.parse(stdout)
  const binaries = files.filter(({ path }) => /^prebuilds\/linux-x64\/.*\.node$/.test(path)).length
  if (binaries !== BINARIES)
    throw new Error(`expected ${BINARIES} binaries, found ${binaries}: npm run prebuilds makes them`)
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1)
  console.log(
    `${filename}: ${files.length} files, ${megabytes(size)} MB, ${megabytes(unpackedSize)} MB unpacked`,
  )
  return join(folder, filename)
}

/** They have to be right for everyone: for CommonJS and ES modules, and for TypeScript of old. */
function checkTypes(tarball) {
  const manifest = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')
  const attw = join(dirname(manifest), 'dist/index.js')
  run(process.execPath, [attw, tarball, '--no-emoji'], folder)
}

/** Makes a project and does what the README says. Throws what went wrong. */
function tried({ name, node, manager, packages, files, steps }, tarball) {
  const cwd = join(folder, name.replaceAll(/[^\w]+/g, '-').toLowerCase())
  for (const [path, text] of Object.entries(files(readme))) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  const home =
    node === undefined ? dirname(process.execPath) : join(root, `.matrix/nodes/node_modules/node-${node}/bin`)
  const env = { PATH: `${join(cwd, 'node_modules/.bin')}${delimiter}${home}${delimiter}${process.env.PATH}` }
  const wanted = [`heapproof@file:${tarball}`, ...packages]
  if (manager === 'npm') run('npm', ['install', '--save-dev', '--no-audit', '--no-fund', ...wanted], cwd, env)
  else run('npx', ['--yes', PNPM, 'add', '--save-dev', ...wanted], cwd, env)
  for (const { command, env: more, code = 0, prints } of steps(readme, markdown)) {
    const [program, ...args] = command
    const { stdout, stderr } = run(program, args, cwd, { ...env, ...more }, code)
    const output = `${stdout}\n${stderr}`
    const missing = prints.filter((text) =>
      typeof text === 'string' ? !masked(output).includes(masked(text)) : !text.test(output),
    )
    if (missing.length > 0)
      throw new Error(`${command.join(' ')} did not print\n\n${missing.join('\n\n')}\n\nbut\n\n${output}`)
  }
}

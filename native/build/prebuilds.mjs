// Compiles the native half for every Node that heapproof supports, into prebuilds/linux-x64, and tries each binary in the
// newest and in the oldest Node it is for. `npm pack` takes them along.
//
//   .matrix/nodes/        the newest Nodes, as npm packages with binary and headers
//   .matrix/oldest-nodes/ the oldest ones
//   .matrix/prebuilds/    what is compiled, a folder for each Node
//
// A binary needs the C and C++ libraries that Node needs; which versions of them at least is printed at the end. (With the
// C++ library linked in it would be a newer C library than many systems have, for its random_device.)
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { compileAddon } from './compile-addon.mjs'
import { installLocked } from './install-locked.mjs'
import { root, sourceDigest } from './source-digest.mjs'

const MAJORS = ['20', '22', '24', '26']
const matrix = join(root, '.matrix')
const prebuilds = join(root, 'prebuilds/linux-x64')

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(`prebuilds: runs on linux-x64 only, this is ${process.platform}-${process.arch}`)
  process.exit(1)
}
installLocked(join(root, 'test/matrix/nodes'), join(matrix, 'nodes'))
installLocked(join(root, 'native/build/prebuilds/oldest-nodes'), join(matrix, 'oldest-nodes'))
rmSync(prebuilds, { recursive: true, force: true })
mkdirSync(prebuilds, { recursive: true })
for (const major of MAJORS) {
  const file = make(major)
  for (const nodes of ['nodes', 'oldest-nodes'])
    check(join(matrix, nodes, 'node_modules', `node-${major}`), file)
}
console.log(`They need GLIBC ${newest('GLIBC')} and GLIBCXX ${newest('GLIBCXX')} or later.`)

/** Compiles for one Node, unless that was done with the same sources; gives the path of the binary. */
function make(major) {
  const node = join(matrix, 'nodes/node_modules', `node-${major}`)
  const work = join(matrix, 'prebuilds', `node-${major}`)
  const built = join(work, 'build/Release/heapproof.node')
  const stamp = `${printed(node, 'process.version')} ${sourceDigest(['native', 'binding.gyp'])}\n`
  const stampFile = join(work, 'stamp')
  if (!existsSync(built) || !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
    rmSync(work, { recursive: true, force: true })
    mkdirSync(work, { recursive: true })
    for (const name of ['native', 'binding.gyp', 'package.json'])
      cpSync(join(root, name), join(work, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'))
    compileAddon(work, join(node, 'bin/node'), node, 'ignore')
    writeFileSync(stampFile, stamp)
  }
  const file = join(prebuilds, `heapproof.abi${printed(node, 'process.versions.modules')}.glibc.node`)
  cpSync(built, file)
  run('strip', ['--strip-unneeded', file])
  return file
}

/** Counts, records and names a line with the binary, and with no other. Throws when it does not. */
function check(node, file) {
  const folder = join(matrix, 'prebuilds/package')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'prebuilds/linux-x64'), { recursive: true })
  for (const name of ['dist', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  cpSync(file, join(folder, 'prebuilds/linux-x64', file.slice(prebuilds.length + 1)))
  const program = join(root, 'native/build/prebuilds/check.cjs')
  const { stdout } = run(join(node, 'bin/node'), [program, folder, join(folder, 'profile')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const size = (statSync(file).size / 1000).toFixed(0)
  console.log(`${file.slice(root.length + 1)}  ${size} kB  ${String(stdout).trim()}`)
}

/** The newest version of a library's symbols that one of the binaries asks for. */
function newest(library) {
  const files = MAJORS.map((major) =>
    join(matrix, 'prebuilds', `node-${major}`, 'build/Release/heapproof.node'),
  )
  const { stdout } = run('objdump', ['-T', ...files], { stdio: ['ignore', 'pipe', 'inherit'] })
  const found = String(stdout).matchAll(new RegExp(`\\b${library}_([\\d.]+)`, 'g'))
  return [...found]
    .map((match) => match[1])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1)
}

function printed(node, expression) {
  return String(
    run(join(node, 'bin/node'), ['-p', expression], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout,
  ).trim()
}

function run(command, args, options) {
  const finished = spawnSync(command, args, options)
  if (finished.status !== 0)
    throw new Error(
      `${command} ${args[0]} failed (${finished.error?.message ?? finished.signal ?? finished.status})`,
    )
  return finished
}

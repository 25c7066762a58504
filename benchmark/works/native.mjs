// An add-on that takes memory from malloc and gives it back: blocks of 16 bytes to 4 kB, some thousand alive, from one
// thread. The add-on is that of the tests, and is compiled when it is not there.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const title = 'malloc in an add-on'
export const sizes = { timed: 30_000_000, counted: 10_000_000 } // blocks

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url))
const source = join(root, 'test/native/fixtures/allocating-addon/addon.cc')
const binary = join(root, '.native-tests', `benchmark-${process.versions.modules}`, 'allocating.node')
const BYTES = [16, 48, 100, 256, 1000, 4096]

export function run(size) {
  const addon = require(binary)
  const [malloc, free] = [addon.ways.indexOf('malloc'), addon.ends.indexOf('free')]
  const rounds = 20
  const each = Math.round(size / rounds / BYTES.length / 2)
  const handles = []
  for (let round = 0; round < rounds; round++) {
    for (const bytes of BYTES) {
      addon.churn(malloc, free, bytes, each)
      handles.push(addon.allocate(malloc, bytes, 100))
      if (handles.length > 20) addon.release(handles.shift(), free)
    }
  }
}

/** Undefined, or why this work cannot be done here. */
export function prepare() {
  if (existsSync(binary)) return undefined
  const include = join(dirname(dirname(process.execPath)), 'include/node')
  if (!existsSync(include)) return `the headers of Node are not beside ${process.execPath}`
  mkdirSync(dirname(binary), { recursive: true })
  const options = ['-std=gnu++20', '-O2', '-w', '-shared', '-fPIC', '-faligned-new', '-fvisibility=hidden']
  const defines = [
    'NODE_GYP_MODULE_NAME=allocating',
    'BUILDING_NODE_EXTENSION',
    'NAPI_DISABLE_CPP_EXCEPTIONS',
  ]
  const folders = [include, require('node-addon-api').include_dir]
  const args = [
    ...options,
    ...defines.map((name) => `-D${name}`),
    ...folders.map((folder) => `-I${folder}`),
    source,
    '-o',
    binary,
  ]
  return spawnSync('g++', args, { stdio: 'ignore' }).status === 0
    ? undefined
    : 'g++ cannot compile its add-on'
}

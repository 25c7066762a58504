// Compiles native/ into build/Release/heapproof.node for the Node that runs this script.
// Does nothing when that was already done for the same sources, the same Node and the same headers.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compileAddon } from './compile-addon.mjs'
import { oneAtATime } from './one-at-a-time.mjs'
import { root, sourceDigest } from './source-digest.mjs'

const output = join(root, 'build/Release/heapproof.node')
const stampFile = join(root, 'build/heapproof-stamp.json')

/** The headers that came with the running binary, or undefined when there are none of exactly its version. */
function ownHeaders() {
  const folder = join(dirname(process.execPath), '..')
  const header = join(folder, 'include/node/node_version.h')
  if (!existsSync(header)) return undefined
  const text = readFileSync(header, 'utf8')
  const part = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1]
  return `v${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}` === process.version ? folder : undefined
}

const headers = ownHeaders()
const stamp = JSON.stringify({
  node: process.version,
  abi: process.versions.modules,
  platform: `${process.platform}-${process.arch}`,
  headers: headers ?? 'downloaded',
  sources: sourceDigest(['native', 'binding.gyp']),
})

oneAtATime('build-addon', build)

function build() {
  if (existsSync(output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    console.log(`addon: build/Release/heapproof.node is up to date (Node ${process.version})`)
  } else {
    rmSync(stampFile, { force: true })
    console.log(
      `addon: compiling for Node ${process.version} with ${headers ? 'the headers beside it' : 'downloaded headers'}`,
    )
    try {
      compileAddon(root, process.execPath, headers)
    } catch (error) {
      console.error(`addon: ${error.message}`)
      process.exit(1)
    }
    writeFileSync(stampFile, stamp)
  }
}

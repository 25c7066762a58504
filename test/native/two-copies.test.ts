import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/core/package-root.js'
import { read } from '../../src/core/reader.js'
import { folderWith, LIBRARY, node } from '../support/command-line.js'

/** A second install of heapproof: the same files at another path. */
function secondCopy(folder: string): string {
  const root = packageRoot()
  const copy = join(folder, 'second')
  mkdirSync(copy)
  for (const name of ['package.json', 'dist', 'build/Release/heapproof.node'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return join(copy, 'dist/index.cjs')
}

test('two installs of heapproof in one process do each their work, or say in a sentence that they cannot', {
  timeout: 300_000,
}, () => {
  const folder = folderWith()
  const program = join(packageRoot(), 'test/native/fixtures/storms/two-copies.cjs')
  const second = secondCopy(folder)
  for (const copies of [
    [LIBRARY, second],
    [second, LIBRARY],
  ]) {
    // They may call each other for ever.
    const surroundings = { cwd: folder, limit: 120_000 }
    const { code, signal, stdout, stderr } = node([program, ...copies, folder], surroundings)
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ worker: { recordings: true }, besides: true })
  }
})

/** Both record array buffers, then a signal ends the process. */
const ENDED = `
const { openSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const [libraries, base] = [process.argv.slice(2, 4), process.argv[4]]
const copies = libraries.map((path) => createRequire(path)('node-gyp-build')(join(dirname(path), '..')))
const header = '{"stackDepth":64,"domains":["arrayBuffer"],"sampling":{"interval":1}}'
for (const [i, copy] of copies.entries()) {
  const [hpm, hpd] = ['hpm', 'hpd'].map((extension) => openSync(base + i + '.' + extension, 'w'))
  const problem = copy.start(hpm, hpd, header, 2, 64, 0, new Float64Array([1]), 0)
  if (problem !== undefined) throw new Error(problem)
}
for (let i = 0; i < 100; i++) new ArrayBuffer(1000)
for (const copy of copies) copy.flush()
new ArrayBuffer(2000)
process.kill(process.pid, 'SIGTERM')
setInterval(() => {}, 1000)
`

test('a signal that ends the process completes the recording of the first, and what the second has written can be read', () => {
  const folder = folderWith({ 'ended.cjs': ENDED })
  const base = join(folder, 'run')
  const args = [join(folder, 'ended.cjs'), LIBRARY, secondCopy(folder), base]
  const { code, signal, stderr } = node(args, { cwd: folder, limit: 60_000 })
  expect({ code, signal, stderr }).toEqual({ code: null, signal: 'SIGTERM', stderr: '' })
  const ends = [0, 1].map((copy) => {
    const reader = read(`${base}${copy}`)
    const sizes = [...reader.events()].map((event) => (event.kind === 'alloc' ? event.size : 0))
    reader.close()
    const count = (size: number) => sizes.filter((each) => each === size).length
    return { end: reader.end, flushed: count(1000), last: count(2000) }
  })
  expect(ends).toEqual([
    { end: '', flushed: 100, last: 1 },
    { end: undefined, flushed: 100, last: expect.toBeOneOf([0, 1]) }, // when it was the turn of its own thread to write
  ])
})

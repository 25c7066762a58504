import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { ALLOCATING, folderWith, LIBRARY, node, withFilesUpTo } from '../../support/command-line.js'

const library = JSON.stringify(LIBRARY)

test('a recording that nobody stops is complete when the process ends, and does not keep it from ending', () => {
  const cwd = folderWith({
    'main.js': `require(${library}).start('run', { samplingInterval: 4096 })\n${ALLOCATING}`,
  })
  expect(node(['main.js'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  using profile = read(join(cwd, 'run'))
  expect(profile.end).toBe('')
  expect(Array.from(profile.events()).length).toBeGreaterThan(100)
})

test('a worker records for itself', () => {
  const worker = `require(${library}).start('run', { samplingInterval: 4096 })\n${ALLOCATING}`
  const cwd = folderWith({
    'main.js': `new (require('node:worker_threads').Worker)('./worker.js')`,
    'worker.js': worker,
  })
  expect(node(['main.js'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  using profile = read(join(cwd, 'run'))
  expect(profile.header?.thread).toBe(1)
  expect(profile.end).toBe('')
})

test('a worker that ends closes no file of anybody else', () => {
  // Node closes what a worker opened when it ends. Had the sampler closed it before, the number would be another's.
  const worker = `
    const heapproof = require(${library})
    for (let i = 0; i < 3; i++) {
      heapproof.start('run-' + require('node:worker_threads').threadId)
      heapproof.stop()
    }`
  const main = `
    const { readFile } = require('node:fs')
    const { Worker } = require('node:worker_threads')
    let running = 8
    const read = () => running > 0 && readFile(__filename, (error) => { if (error) throw error; read() })
    for (let i = 0; i < 8; i++) read()
    for (let i = 0; i < 8; i++) new Worker('./worker.js').on('exit', () => running--)`
  const cwd = folderWith({ 'main.js': main, 'worker.js': worker })
  expect(node(['main.js'], { cwd })).toMatchObject({ code: 0, stderr: '' })
})

test('the CommonJS and the ES module build know of the same recording', () => {
  const program = `
    import { createRequire } from 'node:module'
    import { isProfiling, start, stop } from ${JSON.stringify(LIBRARY.replace(/cjs$/, 'js'))}
    const other = createRequire(import.meta.url)(${library})
    start('run')
    console.log(isProfiling(), other.isProfiling())
    try { other.start('run') } catch (error) { console.log(error.code) }
    other.stop()
    console.log(isProfiling(), other.isProfiling())`
  const cwd = folderWith({ 'main.mjs': program })
  expect(node(['main.mjs'], { cwd })).toMatchObject({
    code: 0,
    stdout: 'true true\nalready-profiling\nfalse false\n',
  })
})

test('places are those of the sources that a source map beside the script names', () => {
  // Line 3 of main.js, which is line 3 of the profile's program, was line 10 of src/main.ts.
  const map = { version: 3, sources: ['src/main.ts'], names: [], mappings: ';;AASA' }
  const program = `${ALLOCATING}\n//# sourceMappingURL=main.js.map`
  const start = `require(${library}).start('run', { samplingInterval: 4096 })\nrequire('./main.js')`
  const cwd = folderWith({ 'start.js': start, 'main.js': program, 'main.js.map': JSON.stringify(map) })
  expect(node(['start.js'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  using profile = read(join(cwd, 'run'))
  expect(sites(profile).sites[0]).toMatchObject({
    function: 'fill',
    file: join(cwd, 'src/main.ts'),
    line: 10,
  })
})

test('a source map that is none is no reason to fail', () => {
  const program = `${ALLOCATING}\n//# sourceMappingURL=main.js.map`
  const start = `require(${library}).start('run', { samplingInterval: 4096 })\nrequire('./main.js')`
  const cwd = folderWith({ 'start.js': start, 'main.js': program, 'main.js.map': '{"version":' })
  expect(node(['start.js'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  using profile = read(join(cwd, 'run'))
  expect(sites(profile).sites[0]).toMatchObject({ function: 'fill', file: join(cwd, 'main.js'), line: 3 })
  expect(readdirSync(cwd).sort()).toEqual(['main.js', 'main.js.map', 'run.hpd', 'run.hpm', 'start.js'])
})

test('a recording that nobody stops says at the end that the disk was full, and what was written can be read', () => {
  const cwd = folderWith({
    'main.js': `require(${library}).start('run', { samplingInterval: 16 })\n${ALLOCATING}`,
  })
  const { code, stderr } = withFilesUpTo(256 * 1024, ['main.js'], { cwd })
  expect(stderr).toMatch(/^heapproof: the recording into .*run stopped early: write failed: EFBIG.*\n$/)
  expect(code).toBe(0)
  using profile = read(join(cwd, 'run'))
  expect(Array.from(profile.events()).length).toBeGreaterThan(100)
})

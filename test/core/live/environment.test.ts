import { join } from 'node:path'
import { expect, test } from 'vitest'
import { optionsFromEnvironment } from '../../../src/core/live/environment.js'
import { type Finished, folderWith, LIBRARY, node } from '../../support/command-line.js'

const library = JSON.stringify(LIBRARY)
const REGISTER = join(LIBRARY, '../register.cjs')

/** Tells whether it is traced when it begins, and how deep. */
const TELLING = `
  const { isTracing, getTracebackLimit, takeSnapshot } = require(${library})
  console.log(isTracing(), getTracebackLimit(), isTracing() && takeSnapshot().samplingInterval)`

function run(args: readonly string[], env: Record<string, string>, program = TELLING): Finished {
  return node([...args, 'main.js'], { cwd: folderWith({ 'main.js': program }), env })
}

const OFF: Record<string, string>[] = [
  {},
  { HEAPPROOF_SAMPLING_INTERVAL: '' },
  { HEAPPROOF_SAMPLING_INTERVAL: '0' },
]

test.each(OFF)('env_var_disabled_by_default: with %j nothing is traced', (env) => {
  for (const args of [[], ['--require', REGISTER]]) {
    expect(run(args, env)).toMatchObject({ code: 0, stderr: '', stdout: 'false 128 false\n' })
  }
})

test('a depth alone, good or bad, starts nothing', () => {
  expect(run([], { HEAPPROOF_STACK_DEPTH: 'deep' })).toMatchObject({ code: 0, stdout: 'false 128 false\n' })
})

test('env_var_enabled_at_startup, env_limit: loading heapproof starts it', () => {
  const env = { HEAPPROOF_SAMPLING_INTERVAL: '4096' }
  expect(run([], env)).toMatchObject({ code: 0, stderr: '', stdout: 'true 128 4096\n' })
  const limited = { HEAPPROOF_SAMPLING_INTERVAL: '64KiB', HEAPPROOF_STACK_DEPTH: '7' }
  expect(run([], limited)).toMatchObject({ code: 0, stderr: '', stdout: 'true 7 65536\n' })
})

test.each(['--require', '--import'])('with %s the program is traced from its first line', (option) => {
  const program = `
    const kept = new ArrayBuffer(10_000_000) // more than what loading heapproof takes
    const { takeSnapshot, sites } = require(${library})
    const [site] = sites(takeSnapshot()).sites
    console.log(site.file === __filename, site.line, site.live)`
  const env = { HEAPPROOF_SAMPLING_INTERVAL: '1' }
  expect(run([option, REGISTER], env, program)).toMatchObject({
    code: 0,
    stderr: '',
    stdout: 'true 2 10000000\n',
  })
})

test('the ES module build, loaded when the CommonJS build has started it, starts nothing again', () => {
  const program = `import(${JSON.stringify(LIBRARY.replace(/cjs$/, 'js'))}).then(({ isTracing }) => console.log(isTracing()))`
  const env = { HEAPPROOF_SAMPLING_INTERVAL: '4096' }
  expect(run(['--require', REGISTER], env, program)).toMatchObject({ code: 0, stderr: '', stdout: 'true\n' })
})

test('a worker thread is traced for itself', () => {
  const program = `
    const { Worker, isMainThread } = require('node:worker_threads')
    const { getTracedMemory, isTracing } = require(${library})
    const kept = new ArrayBuffer(isMainThread ? 30_000_000 : 10_000_000)
    const { current } = getTracedMemory()
    console.log(isMainThread, isTracing(), current > 9_000_000 && current < 29_000_000)
    if (isMainThread) new Worker(__filename)`
  const env = { HEAPPROOF_SAMPLING_INTERVAL: '100000' }
  for (const args of [[], ['--require', REGISTER]]) {
    const { code, stderr, stdout } = run(args, env, program)
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'true true false\nfalse true true\n',
    })
  }
})

test.each([
  ['abc', 'a whole number of bytes from 1 to 1073741824, received "abc"'],
  ['-1', 'a whole number of bytes from 1 to 1073741824, received "-1"'],
  ['1.5', 'a whole number of bytes from 1 to 1073741824, received "1.5"'],
  ['1e3', 'a whole number of bytes from 1 to 1073741824, received "1e3"'],
  ['1073741825', 'a whole number of bytes from 1 to 1073741824, received "1073741825"'],
  ['00', 'a whole number of bytes from 1 to 1073741824, received "00"'],
  [' ', 'a whole number of bytes from 1 to 1073741824, received " "'],
])('env_var_invalid: an interval of %j is an error', (interval, expected) => {
  expect(() => optionsFromEnvironment({ HEAPPROOF_SAMPLING_INTERVAL: interval })).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: `HEAPPROOF_SAMPLING_INTERVAL must be ${expected}`,
    }),
  )
})

test.each(['0', '1025', 'x', '-1', '1.5'])('env_var_invalid: a depth of %j is an error', (depth) => {
  const environment = { HEAPPROOF_SAMPLING_INTERVAL: '1', HEAPPROOF_STACK_DEPTH: depth }
  expect(() => optionsFromEnvironment(environment)).toThrow(
    `HEAPPROOF_STACK_DEPTH must be a whole number from 1 to 1024, received "${depth}"`,
  )
})

test('an invalid variable ends a program before it begins, with the code Node has for an invalid option', () => {
  const env = { HEAPPROOF_SAMPLING_INTERVAL: 'often' }
  const registered = run(['--require', REGISTER], env, 'console.log("begun")')
  expect(registered).toMatchObject({
    code: 9,
    stdout: '',
    stderr:
      'heapproof: HEAPPROOF_SAMPLING_INTERVAL must be a whole number of bytes from 1 to 1073741824, received "often"\n',
  })
})

test('a program that loads heapproof itself gets an error to catch', () => {
  const program = `try { require(${library}) } catch (error) { console.log(error.code, error.message) }`
  expect(run([], { HEAPPROOF_SAMPLING_INTERVAL: 'often' }, program)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^invalid-argument HEAPPROOF_SAMPLING_INTERVAL must be .*"often"\n$/),
  })
})

test('where the sampler cannot run, that is said, and the program runs', () => {
  const program = `
    const { Session } = require('node:inspector')
    const session = new Session()
    session.connect()
    session.post('HeapProfiler.startSampling')
    const { isTracing } = require(${library})
    console.log(isTracing())`
  const { code, stdout, stderr } = run([], { HEAPPROOF_SAMPLING_INTERVAL: '4096' }, program)
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'false\n' })
  expect(stderr).toMatch(/^heapproof: no live view: cannot start the sampler: /)
})

import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import {
  ALLOCATING,
  CLI,
  folderWith,
  heapproof,
  LIBRARY,
  node,
  withFilesUpTo,
} from '../support/command-line.js'

test('records a program, and says on stderr where the profile is', () => {
  const cwd = folderWith({ 'main.js': ALLOCATING })
  const { code, stdout, stderr } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  expect(stderr).toBe('heapproof: profile in out.hpm and .hpd; see it with: npx heapproof top out\n')
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(readdirSync(cwd).sort()).toEqual(['main.js', 'out.hpd', 'out.hpm'])
  expect(statSync(join(cwd, 'out.hpm')).mode & 0o777).toBe(0o600)
  expect(statSync(join(cwd, 'out.hpd')).mode & 0o777).toBe(0o600)
  using profile = read(join(cwd, 'out'))
  expect(profile.end).toBe('')
  expect(profile.counters?.heapBytes).toBeGreaterThan(5e6)
  expect(profile.header).toMatchObject({ samplingInterval: 131072, stackDepth: 128, node: process.version })
})

test('hands on arguments, stdin, environment and exit code', () => {
  const program = `
    let input = ''
    process.stdin.on('data', (data) => { input += data }).on('end', () => {
      console.log(JSON.stringify({ argv: process.argv.slice(2), input, env: process.env.MINE }))
      process.exitCode = 7
    })`
  const cwd = folderWith({ 'main.js': program })
  const args = ['a b', '--json', '--', '-o', 'x', '']
  const { code, stdout } = heapproof(['run', '--', 'main.js', ...args], {
    cwd,
    input: 'hello',
    env: { MINE: 'yes' },
  })
  expect(JSON.parse(stdout)).toEqual({ argv: args, input: 'hello', env: 'yes' })
  expect(code).toBe(7)
  expect(existsSync(join(cwd, 'heapproof.hpm'))).toBe(true)
})

test('the program sees the same process, but for two environment variables', () => {
  const program = `const { NODE_OPTIONS, HEAPPROOF_RUN, ...env } = process.env
    console.log(JSON.stringify({ argv: process.argv, execArgv: process.execArgv, main: require.main.filename, env }))
    console.error(NODE_OPTIONS)`
  const cwd = folderWith({ 'main.js': program })
  const env = { NODE_OPTIONS: '--no-warnings --max-old-space-size=300' }
  const plain = node(['--no-deprecation', 'main', 'x'], { cwd, env })
  const profiled = node(['--no-deprecation', CLI, 'run', '--', 'main', 'x'], { cwd, env })
  expect(JSON.parse(profiled.stdout)).toEqual(JSON.parse(plain.stdout))
  expect(profiled.stderr).toMatch(/^--require ".*preload.cjs" --no-warnings --max-old-space-size=300\n/)
})

test.each([
  ['CommonJS', 'main.cjs', `const fs = require('node:fs'); console.log(typeof fs.read)`],
  ['ESM', 'main.mjs', `import fs from 'node:fs'; console.log(await Promise.resolve(typeof fs.read))`],
  ['a name without its extension', 'main.js', `console.log('function')`],
])('%s', (_, file, program) => {
  const cwd = folderWith({ [file]: `${program}\n${ALLOCATING}` })
  const script = file === 'main.js' ? 'main' : file
  const { code, stdout } = heapproof(['run', '-o', 'out', '--', script], { cwd })
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'function\n' })
  using profile = read(join(cwd, 'out'))
  expect(profile.counters?.heapBytes).toBeGreaterThan(5e6)
})

test('a folder with a package.json', () => {
  const cwd = folderWith()
  mkdirSync(join(cwd, 'app'))
  writeFileSync(join(cwd, 'app/package.json'), '{"main": "start.js"}')
  writeFileSync(join(cwd, 'app/start.js'), `console.log('started')`)
  expect(heapproof(['run', '--', './app'], { cwd })).toMatchObject({ code: 0, stdout: 'started\n' })
})

test('TypeScript, where this Node strips types; else exactly what this Node says to it', () => {
  const cwd = folderWith({ 'main.ts': `const text: string = 'typed'\nconsole.log(text)` })
  const plain = node(['--no-warnings', 'main.ts'], { cwd })
  const profiled = node(['--no-warnings', join(LIBRARY, '../cli.cjs'), 'run', '--', 'main.ts'], { cwd })
  expect(profiled.code).toBe(plain.code)
  expect(profiled.stdout).toBe(plain.stdout)
  const strips = 'typescript' in process.features && process.features.typescript !== false
  expect(plain.stdout).toBe(strips ? 'typed\n' : '')
})

test.each([
  ['process.exit()', `${ALLOCATING}\nprocess.exit(3)`, 3],
  ['an uncaught error', `${ALLOCATING}\nthrow new Error('its own')`, 1],
  ['a rejected promise', `${ALLOCATING}\nPromise.reject(new Error('its own'))`, 1],
])('%s: the exit code passes through and the profile is complete', (_, program, expected) => {
  const cwd = folderWith({ 'main.js': program })
  const { code, stderr } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  expect(code).toBe(expected)
  expect(stderr).toContain('heapproof: profile in out.hpm')
  using profile = read(join(cwd, 'out'))
  expect(profile.end).toBe('')
})

test("heapprof's form, an option before the script, and options of the program without --", () => {
  const cwd = folderWith({ 'main.js': `console.log(process.argv.slice(2).join())` })
  expect(heapproof(['-o', 'out', '--', 'main.js', 'x'], { cwd })).toMatchObject({ code: 0, stdout: 'x\n' })
  expect(existsSync(join(cwd, 'out.hpm'))).toBe(true)
  const { stdout } = heapproof(['run', '-o', 'second', 'main.js', '--json', '-o', 'y'], { cwd })
  expect(stdout).toBe('--json,-o,y\n')
  expect(existsSync(join(cwd, 'second.hpm'))).toBe(true)
})

test.each([
  ['131072', 131072],
  ['64KiB', 65536],
  ['1', 1],
])('--interval %s', (interval, samplingInterval) => {
  const cwd = folderWith({ 'main.js': '' })
  expect(
    heapproof(['run', '-o', 'out', '--interval', interval, '--depth', '9', '--', 'main.js'], { cwd }).code,
  ).toBe(0)
  using profile = read(join(cwd, 'out'))
  expect(profile.header).toMatchObject({ samplingInterval, stackDepth: 9 })
})

test('a former profile and its digest are replaced', () => {
  const cwd = folderWith({ 'main.js': '', 'out.hpm': 'old', 'out.hpd': 'old', 'out.hpc': 'old' })
  expect(heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd }).code).toBe(0)
  expect(readdirSync(cwd).sort()).toEqual(['main.js', 'out.hpd', 'out.hpm'])
  using profile = read(join(cwd, 'out'))
  expect(profile.end).toBe('')
})

test('a program that starts a recording of its own hears that there is one', () => {
  const program = `
    const { start, isProfiling } = require(${JSON.stringify(LIBRARY)})
    console.log(isProfiling())
    try { start('mine') } catch (error) { console.log(error.code, error.message) }`
  const cwd = folderWith({ 'main.js': program })
  const { stdout } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  expect(stdout).toMatch(/^true\nalready-profiling a recording is under way into .*\/out: /)
  expect(readdirSync(cwd).sort()).toEqual(['main.js', 'out.hpd', 'out.hpm'])
})

test('a full disk does not touch the program, and is said once, before the place of what was written', () => {
  const cwd = folderWith({ 'main.js': `${ALLOCATING}process.exitCode = 7` })
  const args = [CLI, 'run', '-o', 'out', '--interval', '16', '--', 'main.js']
  const { code, stdout, stderr } = withFilesUpTo(256 * 1024, args, { cwd })
  expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
  const [first, second, ...rest] = stderr.trimEnd().split('\n')
  expect(first).toMatch(/^heapproof: the recording into .*out stopped early: write failed: EFBIG/)
  expect(second).toMatch(/^heapproof: profile in out.hpm and .hpd;/)
  expect(rest).toEqual([])
})

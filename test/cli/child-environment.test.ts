import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { sites } from '../../src/core/reduce/sites.js'
import { childEnvironment } from '../../src/core/session/child-environment.js'
import { ALLOCATING, folderWith, node } from '../support/command-line.js'

test('measures the program, not who started it', () => {
  const cwd = folderWith({ 'cli.js': `${ALLOCATING}\nconsole.log(process.argv[2])` })
  const base = join(cwd, 'out')
  const finished = node(['cli.js', 'hello'], { cwd, env: { ...childEnvironment(base) } })
  expect(finished).toEqual({ code: 0, signal: null, stdout: 'hello\n', stderr: '' })
  using profile = read(base)
  expect(profile.end).toBe('')
  expect(profile.header?.pid).not.toBe(process.pid)
  expect(sites(profile).sites[0]).toMatchObject({ function: 'fill', file: join(cwd, 'cli.js'), line: 3 })
})

test('options; workers and children beside it', () => {
  const program = `
    const { Worker } = require('node:worker_threads')
    const { execFileSync } = require('node:child_process')
    new Worker('', { eval: true })
    execFileSync(process.execPath, ['-e', ''])`
  const cwd = folderWith({ 'cli.js': program })
  const profilesWith = (options: Parameters<typeof childEnvironment>[1]) => {
    node(['cli.js'], { cwd, env: { ...childEnvironment(join(cwd, 'out'), options) } })
    const names = readdirSync(cwd).filter((name) => name.endsWith('.hpm'))
    return names.map((name) => name.replace(/\.p\d+/, '.p#')).sort()
  }
  const both = profilesWith({ samplingProbability: new Map([[64, 0.001]]), stackDepth: 7 })
  expect(both).toEqual(['out.hpm', 'out.p#.hpm', 'out.t1.hpm'])
  {
    using profile = read(join(cwd, 'out.t1'))
    expect(profile.header).toMatchObject({ stackDepth: 7, sampling: { table: [[64, 0.001]] } })
  }
  // The call removes what an earlier one had led to.
  expect(profilesWith({ children: false })).toEqual(['out.hpm', 'out.t1.hpm'])
  expect(profilesWith({ workers: false })).toEqual(['out.hpm', 'out.p#.hpm'])
})

test('a second program with the same environment takes nothing from the first', () => {
  const cwd = folderWith({ 'cli.js': '' })
  const base = join(cwd, 'out')
  const env = { ...childEnvironment(base) }
  for (let i = 0; i < 2; i++) node(['cli.js'], { cwd, env })
  const names = readdirSync(cwd).map((name) => name.replace(/\.p\d+/, '.p#'))
  expect(names.sort()).toEqual(['cli.js', 'out.hpd', 'out.hpm', 'out.p#.hpd', 'out.p#.hpm'])
})

test('NODE_OPTIONS of this process are kept, and nothing of ours is there twice', () => {
  const base = join(folderWith(), 'out')
  const before = process.env.NODE_OPTIONS
  try {
    process.env.NODE_OPTIONS = '--no-warnings'
    const first = childEnvironment(base).NODE_OPTIONS
    expect(first).toMatch(/^--require ".*preload\.cjs" --no-warnings$/)
    process.env.NODE_OPTIONS = first
    expect(childEnvironment(base).NODE_OPTIONS).toBe(first)
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
})

test('a folder with blanks, quotes and letters of all kinds', () => {
  const cwd = folderWith({ 'cli.js': ALLOCATING })
  const base = join(cwd, `a "b" \\ c'd é`)
  node(['cli.js'], { cwd, env: { ...childEnvironment(base) } })
  using profile = read(base)
  expect(profile.end).toBe('')
})

test.each([
  [() => childEnvironment(''), 'invalid-argument', 'fileBase must be the path'],
  [() => childEnvironment(join(folderWith(), 'no/out')), 'cannot-write', 'does not exist'],
  [() => childEnvironment('out', { stackDepth: 0 }), 'invalid-argument', 'stackDepth must be'],
  [
    () => childEnvironment('out', { workers: 1 as never }),
    'invalid-argument',
    'workers must be true or false',
  ],
  [() => childEnvironment('out', { worker: true } as never), 'invalid-argument', 'unknown option "worker"'],
])('what a caller can get wrong: %s', (call, code, message) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
})

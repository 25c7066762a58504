import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { ALLOCATING, folderWith, heapproof } from '../support/command-line.js'

test('--sample: a table in place of the interval, and what top says of it', () => {
  const cwd = folderWith({ 'main.js': ALLOCATING })
  const args = ['run', '-o', 'out', '--sample', '{ 8192: 0.05, 64: 0.01 }', '--', 'main.js']
  expect(heapproof(args, { cwd }).code).toBe(0)
  using profile = read(join(cwd, 'out'))
  const table = [
    [64, 0.01],
    [8192, 0.05],
  ]
  expect(profile.header?.sampling).toEqual({ table })
  expect(profile.sampling.arrayBuffer).toMatchObject({ rule: 1, table })
  const lines = heapproof(['top', 'out'], { cwd }).stdout.split('\n')
  expect(lines[1]).toMatch(/^sampled by size \{64: 0\.01, 8192: 0\.05\}: [\d,]+ samples, ±\d+ %$/)
  const answer = JSON.parse(heapproof(['top', 'out', '--json'], { cwd }).stdout)
  expect(answer).toMatchObject({ samplingInterval: 0, samplingProbability: table })
})

test('--domains, --source and --seed', () => {
  const cwd = folderWith({ 'main.js': ALLOCATING })
  const args = ['run', '-o', 'out', '--domains', 'arrayBuffer, heap', '--source', 'polled', '--seed', '42']
  expect(heapproof([...args, '--', 'main.js'], { cwd }).code).toBe(0)
  using profile = read(join(cwd, 'out'))
  expect(profile.header).toMatchObject({ domains: ['heap', 'arrayBuffer'], source: 'polled', seed: 42 })
})

test('--no-exact-lines', () => {
  const cwd = folderWith({ 'main.js': ALLOCATING })
  for (const [options, exactLines] of [
    [[], true],
    [['--no-exact-lines'], false],
  ] as const) {
    expect(heapproof(['run', '-o', 'out', ...options, '--', 'main.js'], { cwd }).code).toBe(0)
    using profile = read(join(cwd, 'out'))
    expect(profile.header).toMatchObject({ exactLines })
  }
})

test('--domains native', () => {
  const cwd = folderWith({ 'main.js': ALLOCATING })
  const args = ['run', '-o', 'out', '--domains', 'native', '--interval', '4096', '--', 'main.js']
  const { code, stderr } = heapproof(args, { cwd })
  if (process.platform !== 'linux') {
    expect(code).toBe(1)
    expect(stderr).toMatch(/^heapproof: .*native/)
    return
  }
  expect(code).toBe(0)
  using profile = read(join(cwd, 'out'))
  expect(profile.header?.domains).toEqual(['native'])
  for (const event of profile.events()) {
    if (event.kind === 'alloc') expect(profile.domainOf(event.trace)).toBe('native')
  }
})

test('--mode stats: each process and thread prints what it has counted, and there are no files', () => {
  const program = `
    const { Worker, isMainThread } = require('node:worker_threads')
    const { spawnSync } = require('node:child_process')
    ${ALLOCATING}
    if (isMainThread && process.argv[2] !== 'child') {
      const { stderr } = spawnSync(process.execPath, [__filename, 'child'], { encoding: 'utf8' })
      console.log(stderr)
      new Worker(__filename)
    }`
  const cwd = folderWith({ 'main.js': program })
  const { code, stdout, stderr } = heapproof(['run', '--mode', 'stats', '--', 'main.js'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^heapproof: process \d+ \(main\.js\):\n-+\nHEAP USAGE SUMMARY\n/)
  expect(stderr).toMatch(/^-+\nHEAP USAGE SUMMARY of worker 1\n/)
  expect(stderr).toMatch(/^-+\nHEAP USAGE SUMMARY\n/m)
  expect(stderr).not.toContain('heapproof: ')
  expect(readdirSync(cwd)).toEqual(['main.js'])
})

test('--mode stats --no-children --no-workers: the program alone', () => {
  const program = `
    const { Worker } = require('node:worker_threads')
    require('node:child_process').spawnSync(process.execPath, ['-e', '0'], { stdio: 'inherit' })
    new Worker('', { eval: true })`
  const cwd = folderWith({ 'main.js': program })
  const args = ['run', '--mode', 'stats', '--no-children', '--no-workers', '--', 'main.js']
  const { stderr } = heapproof(args, { cwd })
  expect(stderr.match(/HEAP USAGE SUMMARY/g)).toHaveLength(1)
})

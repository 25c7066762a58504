import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { writeReport } from '../core/compare/reports.js'
import { outcome } from '../core/report/outcomes.js'
import { ALLOCATING, CLI, folderWith, heapproof } from '../support/command-line.js'
import { LogBuilder } from '../support/log-builder.js'

const PROGRAM = `${ALLOCATING}
const { Worker, isMainThread } = require('node:worker_threads')
if (isMainThread) new Worker(__filename)
if (isMainThread) require('node:child_process').spawnSync(process.execPath, ['child.js'])
`

test('a program, its worker thread and its child as one profile', () => {
  const cwd = folderWith({ 'main.js': PROGRAM, 'child.js': ALLOCATING })
  expect(heapproof(['run', '-o', 'out', '--interval', '8192', '--', 'main.js'], { cwd }).code).toBe(0)
  const before = readdirSync(cwd)
  const run = heapproof(['merge', 'out', '--all', '-o', 'merged'], { cwd })
  expect(run).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'heapproof: 3 profiles merged into merged.hpm and .hpd\n',
  })
  expect(readdirSync(cwd).sort()).toEqual([...before, 'merged.hpd', 'merged.hpm'].sort())

  const bases = before.filter((name) => name.endsWith('.hpm')).map((name) => join(cwd, name.slice(0, -4)))
  const exact = bases.map((base) => {
    using reader = read(base)
    return reader.counters?.heapBytes ?? 0
  })
  using merged = read(join(cwd, 'merged'))
  expect(merged.counters?.heapBytes).toBe(exact.reduce((a, b) => a + b))
  expect(merged.end).toBe('')
  expect(merged.header?.merged).toHaveLength(3)

  const top = (base: string) => JSON.parse(heapproof(['top', base, '--json'], { cwd }).stdout).sites
  const here = top('merged').filter(({ function: name }: { function: string }) => name === 'fill')
  expect(here.map(({ file }: { file: string }) => file).sort()).toEqual([
    join(cwd, 'child.js'),
    join(cwd, 'main.js'),
  ])
  const [most] = top('merged')
  expect(most.file).toBe(join(cwd, 'main.js')) // twice
  expect(most.self).toBeGreaterThan(18e6)
})

test.each([
  ['no output', ['out'], '-o is needed: the path of the merged profile, without an extension'],
  ['itself', ['out', '-o', 'out'], 'out: this is one of the recordings to be merged'],
  ['no profile', ['none', '-o', 'merged'], 'none: no profile here: none.hpm and none.hpd are missing'],
])('refuses %s', (_, args, sentence) => {
  const cwd = folderWith({ 'main.js': ALLOCATING })
  heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  const run = heapproof(['merge', ...args], { cwd })
  expect(run).toEqual({ code: 1, signal: null, stdout: '', stderr: `heapproof: ${sentence}\n` })
  expect(readdirSync(cwd).sort()).toEqual(['main.js', 'out.hpd', 'out.hpm'])
})

test('Ctrl-C leaves nothing, and ends it by the signal', async () => {
  const cwd = folderWith()
  const log = new LogBuilder()
  const trace = log.trace([{ function: 'f' }])
  for (let time = 0; time < 4e6; time++) log.events.alloc(time, trace, 8)
  log.write(join(cwd, 'out'))
  const child = spawn(process.execPath, [CLI, 'merge', 'out', '-o', 'merged'], { cwd, stdio: 'ignore' })
  const ended = once(child, 'exit')
  const isWriting = () => readdirSync(cwd).some((name) => name.startsWith('merged'))
  while (!isWriting() && child.exitCode === null) await setTimeout(1)
  child.kill('SIGINT')
  expect(await ended).toEqual([null, 'SIGINT'])
  expect(readdirSync(cwd).sort()).toEqual(['out.hpd', 'out.hpm'])
})

test('joins the directories of shards into one, and prints the whole run', () => {
  const cwd = folderWith()
  writeReport(join(cwd, 'shard-1'), [outcome('a', { allocated: 2_000_000 })])
  writeReport(join(cwd, 'shard-2'), [
    outcome('b', { allocated: 1_000_000 }),
    outcome('a', { allocated: 4_000_000 }),
  ])
  const { code, stdout, stderr } = heapproof(['merge', 'shard-1', 'shard-2', '-o', 'whole'], { cwd })
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr:
      'heapproof: 2 reports with 2 tests and 0 profiles merged into whole; 1 test ran several times, and the last time counts\n',
  })
  expect(stdout).toBe(`
 heapproof: 2 tests allocated 5 MB (exact)
   Tests that allocated most
     4 MB  test/feed.test.ts:12  a
     1 MB  test/feed.test.ts:12  b
   All tests: whole/index.html
`)
  expect(existsSync(join(cwd, 'whole/index.html'))).toBe(true)
})

test('refuses directories that it cannot join, in one line', () => {
  const cwd = folderWith({ 'out.hpm': '' })
  writeReport(join(cwd, 'shard-1'), [outcome('a')])
  mkdirSync(join(cwd, 'out'))
  for (const [args, message] of [
    [['shard-1'], '-o is needed: the directory of the merged run'],
    [['shard-1', '-o', 'x', '--all'], '--all is for profiles, and these are directories of runs'],
    [
      ['shard-1', 'base', '-o', 'x'],
      'base: is no directory, and shard-1 is one: give either profiles or the directories of runs',
    ],
    [['shard-1', '-o', 'shard-1'], 'shard-1: is one of the directories that are to be merged'],
    [['out', '-o', 'x'], 'out: no profile here: out.hpd is missing'], // a profile beside a directory of the same name
  ] as const) {
    const { code, stdout, stderr } = heapproof(['merge', ...args], { cwd })
    expect({ code, stdout }, args.join(' ')).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`heapproof: ${message}`)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  }
})

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { sites } from '../../src/core/reduce/sites.js'
import { ALLOCATING, folderWith, heapproof } from '../support/command-line.js'

/** The main files of the profiles here, with every pid replaced by the place of its first appearance. */
function profilesIn(cwd: string): string[] {
  const names = readdirSync(cwd).filter((name) => name.endsWith('.hpm'))
  const pids = [...new Set(names.map((name) => /\.p(\d+)/.exec(name)?.[1]))].sort()
  return names.map((name) => name.replace(/\.p(\d+)/, (_, pid) => `.p#${pids.indexOf(pid)}`)).sort()
}

/** Who allocated most, in each profile. */
function leaders(cwd: string): Record<string, { function: string; end: string | undefined; thread: number }> {
  const files = readdirSync(cwd).filter((name) => name.endsWith('.hpm'))
  return Object.fromEntries(
    files.map((file) => {
      using profile = read(join(cwd, file))
      const { thread = -1 } = profile.header ?? {}
      return [
        file.slice(0, -4),
        { function: sites(profile).sites[0]?.function ?? '', end: profile.end, thread },
      ]
    }),
  )
}

const FILL = (name: string) =>
  `const kept = []; function ${name}() { for (let i = 0; i < 1e5; i++) kept.push({ a: i, b: [i] }) }; ${name}()\n`

test('worker threads: each its own profile, whatever options and environment it has', () => {
  const program = `
    const { Worker, isMainThread, SHARE_ENV } = require('node:worker_threads')
    if (isMainThread) {
      const choices = [{}, { execArgv: [] }, { env: SHARE_ENV }, { env: { ...process.env, MORE: '1' } }]
      const start = () => choices.length > 0 && new Worker(__filename, choices.shift()).on('exit', start)
      start()
      ${FILL('inMain')}
    } else { ${FILL('inWorker')} }`
  const cwd = folderWith({ 'main.js': program })
  const { code, stderr } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  expect(code).toBe(0)
  const worker = (thread: number) => ({ function: 'inWorker', end: '', thread })
  expect(leaders(cwd)).toEqual({
    out: { function: 'inMain', end: '', thread: 0 },
    'out.t1': worker(1),
    'out.t2': worker(2),
    'out.t3': worker(3),
    'out.t4': worker(4),
  })
  expect(stderr).toBe(
    'heapproof: profile in out.hpm and .hpd; see it with: npx heapproof top out\n' +
      [1, 2, 3, 4]
        .map((n) => `heapproof: worker thread ${n} of the program: out.t${n}.hpm and .hpd\n`)
        .join(''),
  )
})

test('a worker with an environment of its own, without ours, is left alone', () => {
  const program = `
    const { Worker } = require('node:worker_threads')
    new Worker('console.log(JSON.stringify(process.env), process.execArgv.length)', { eval: true, env: {} })`
  const cwd = folderWith({ 'main.js': program })
  expect(heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })).toMatchObject({
    code: 0,
    stdout: '{} 0\n',
  })
  expect(profilesIn(cwd)).toEqual(['out.hpm'])
})

test('children of children, however they were started, and their workers', () => {
  const program = `
    const { spawnSync, fork, execSync, execFileSync } = require('node:child_process')
    const { Worker, isMainThread } = require('node:worker_threads')
    const [, , role] = process.argv
    if (!isMainThread) { ${FILL('inWorker')} }
    else if (role === 'leaf') { ${FILL('inLeaf')} }
    else if (role === 'middle') { ${FILL('inMiddle')} new Worker(__filename); fork(__filename, ['leaf']) }
    else {
      ${FILL('inMain')}
      execSync('"' + process.execPath + '" main.js leaf')
      execFileSync(process.execPath, ['-e', 'require("./main.js")', 'x', 'leaf'])
      spawnSync(process.execPath, ['main.js', 'leaf'], { env: {} })
      spawnSync('true')
      fork(__filename, ['middle'], { execArgv: ['--no-warnings'] })
    }`
  const cwd = folderWith({ 'main.js': program })
  const { code, stderr } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  expect(code).toBe(0)
  const found = leaders(cwd)
  expect(found.out).toEqual({ function: 'inMain', end: '', thread: 0 })
  const functions = Object.values(found).map((each) => each.function)
  expect(functions.sort()).toEqual(['inLeaf', 'inLeaf', 'inLeaf', 'inMain', 'inMiddle', 'inWorker'])
  const worker = Object.keys(found).find((name) => name.endsWith('.t1')) as string
  expect(found[worker.replace('.t1', '')]?.function).toBe('inMiddle')
  expect(new Set(Object.values(found).map((each) => each.end))).toEqual(new Set(['']))
  for (const name of Object.keys(found)) expect(stderr).toContain(`${name}.hpm`)
  expect(stderr).toMatch(/heapproof: process \d+ \(main\.js\): out\.p\d+\.hpm and \.hpd\n/)
})

const FAMILY = `
  const { Worker, isMainThread } = require('node:worker_threads')
  const { spawnSync } = require('node:child_process')
  if (isMainThread && process.argv[2] !== 'child') {
    new Worker(__filename)
    const { stdout } = spawnSync(process.execPath, [__filename, 'child'])
    console.log(stdout.toString())
  }
  else if (isMainThread) console.log([process.env.NODE_OPTIONS, process.env.HEAPPROOF_RUN].join())
  ${ALLOCATING}`

test.each([
  [['--no-children'], ['out.hpm', 'out.t1.hpm']],
  [['--no-workers'], ['out.hpm', 'out.p#0.hpm']],
  [['--no-children', '--no-workers'], ['out.hpm']],
])('%j', (options, profiles) => {
  const cwd = folderWith({ 'main.js': FAMILY })
  const { code, stdout } = heapproof(['run', '-o', 'out', ...options, '--', 'main.js'], { cwd })
  expect(code).toBe(0)
  expect(profilesIn(cwd)).toEqual(profiles)
  if (options.includes('--no-children')) expect(stdout.trim()).toBe(',')
})

test('what an earlier run left at the same base is gone, what only looks like it stays', () => {
  const stale = ['out.t7.hpm', 'out.p5.hpm', 'out.p5.hpd', 'out.p5-2.t1.hpc', 'out.p6.error']
  const other = ['out.hpm.txt', 'out.tx.hpm', 'out2.hpm', 'out.p5.t.hpm', 'outer.t1.hpm', 'my.out.t1.hpm']
  const files = Object.fromEntries([...stale, ...other].map((name) => [name, 'old']))
  const cwd = folderWith({ ...files, 'main.js': '' })
  const { stderr } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  expect(stderr).toBe('heapproof: profile in out.hpm and .hpd; see it with: npx heapproof top out\n')
  expect(readdirSync(cwd).sort()).toEqual([...other, 'main.js', 'out.hpd', 'out.hpm'].sort())
})

test('more profiles than a screen should hold are counted', () => {
  const program = `
    const { Worker } = require('node:worker_threads')
    let left = 12
    const next = () => left-- > 0 && new Worker('', { eval: true }).on('exit', next)
    next()`
  const cwd = folderWith({ 'main.js': program })
  const { stderr } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  const lines = stderr.trimEnd().split('\n')
  expect(lines).toHaveLength(10)
  expect(lines[8]).toBe('heapproof: worker thread 8 of the program: out.t8.hpm and .hpd')
  expect(lines[9]).toBe('heapproof: and 4 more profiles: out.t*.hpm')
})

test('evaluated code, whose name V8 puts together when it is asked, with every allocation recorded', () => {
  const program = `
    const { Worker } = require('node:worker_threads')
    const { execFileSync } = require('node:child_process')
    new Worker('', { eval: true })
    console.log(String(execFileSync(process.execPath, ['-p', 'new Function("return 42")()'])))`
  const cwd = folderWith({ 'main.js': program })
  const args = ['run', '-o', 'out', '--interval', '16', '--', 'main.js']
  expect(heapproof(args, { cwd })).toMatchObject({ code: 0, stdout: '42\n\n' })
  expect(profilesIn(cwd)).toEqual(['out.hpm', 'out.p#0.hpm', 'out.t1.hpm'])
})

test('a child that cannot be recorded runs as ever; heapproof says so at the end', () => {
  const program = `
    const { spawnSync } = require('node:child_process')
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-addons', '-p', '6 * 7'])
    console.log(status, String(stdout), String(stderr))`
  const cwd = folderWith({ 'main.js': program })
  const { code, stdout, stderr } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '0 42\n \n' })
  expect(stderr).toMatch(
    /^heapproof: process \d+ was not recorded: heapproof has no native part for this Node .*\n/,
  )
  expect(readdirSync(cwd).sort()).toEqual(['main.js', 'out.hpd', 'out.hpm'])
})

test('a child that outlives the program goes on recording', async () => {
  const child = `setTimeout(() => { ${FILL('late')} }, 700)`
  const program = `
    const { spawn } = require('node:child_process')
    spawn(process.execPath, ['child.js'], { detached: true, stdio: 'ignore' }).unref()
    setTimeout(() => {}, 300)`
  const cwd = folderWith({ 'main.js': program, 'child.js': child })
  const { stderr } = heapproof(['run', '-o', 'out', '--', 'main.js'], { cwd })
  const [, base] = /\(child\.js\): (out\.p\d+)\.hpm/.exec(stderr) as unknown as [string, string]
  await expect
    .poll(() => leaders(cwd)[base], { timeout: 20_000 })
    .toMatchObject({ function: 'late', end: '' })
})

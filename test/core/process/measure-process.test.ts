import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { measureProcess } from '../../../src/core/process/measure-process.js'
import { read } from '../../../src/core/reader.js'
import { allocatingAddon } from '../../native/build-fixture.js'
import { ALLOCATING, folderWith } from '../../support/command-line.js'

const node = process.execPath

describe('a program', () => {
  test('is counted from its first line to its end, and this process is not', async () => {
    const cwd = folderWith({ 'cli.js': `const b = Buffer.alloc(3_000_000)\n${ALLOCATING}` })
    const pending = measureProcess(node, ['cli.js'], { cwd })
    const mine: object[] = []
    for (let i = 0; i < 300_000; i++) mine.push({ i })
    const measured = await pending
    expect(measured).toMatchObject({ exitCode: 0, signal: null, exact: true, doubts: [], profile: undefined })
    expect(measured.command).toEqual([node, 'cli.js'])
    expect(measured.arrayBuffers).toBeGreaterThanOrEqual(3_000_000)
    expect(measured.arrayBuffers).toBeLessThan(3_100_000)
    expect(measured.allocated).toBe(measured.heap + measured.arrayBuffers)
    expect(measured.native).toBe(0)
    expect(measured.parts).toHaveLength(1)
    expect(measured.sites.some(({ file, line }) => file === join(cwd, 'cli.js') && line === 4)).toBe(true)
    expect(mine).toHaveLength(300_000)
  })

  test('has what its add-ons take from malloc counted', async () => {
    const { addon } = allocatingAddon()
    const script = 'require(process.argv[1]).allocate(0, Number(process.argv[2]), 7)'
    const nativeOf = async (size: number) =>
      (await measureProcess(node, ['-e', script, addon, `${size}`])).native
    expect(Number(await nativeOf(2000)) - Number(await nativeOf(1000))).toBe(7000) // beside what it needs itself
    const without = await measureProcess(node, ['-e', script, addon, '1'], {
      domains: ['heap', 'arrayBuffer'],
    })
    expect(without.native).toBeUndefined()
  })

  test('gets its arguments, input and environment, and its output comes back', async () => {
    const script = `
      process.stdin.on('data', (data) => console.log(process.argv[2], process.env.NAME, String(data)))
      console.error('é'.repeat(100_000))`
    const cwd = folderWith({ 'cli.js': script })
    const env = { PATH: process.env.PATH, NAME: 'n', NODE_OPTIONS: '--no-warnings' }
    const measured = await measureProcess(node, ['cli.js', 'a b'], { cwd, env, input: 'typed' })
    expect(measured.stdout).toBe('a b n typed\n')
    expect(measured.stderr).toBe(`${'é'.repeat(100_000)}\n`)
  })

  test('that fails has its exit code, and is exact all the same', async () => {
    const measured = await measureProcess(node, ['-e', 'throw new Error("no")'])
    expect(measured).toMatchObject({ exitCode: 1, exact: true })
    expect(measured.stderr).toContain('Error: no')
  })

  test('that is killed is not exact, and says why', async () => {
    const cwd = folderWith({ 'cli.js': `${ALLOCATING}\nsetTimeout(() => process.kill(process.pid, 9), 700)` })
    const measured = await measureProcess(node, ['cli.js'], { cwd })
    expect(measured).toMatchObject({ exitCode: null, signal: 'SIGKILL', exact: false })
    expect(measured.doubts).toEqual([
      expect.stringMatching(/^process \d+ was not counted to its end: it was killed, or still runs$/),
    ])
    expect(measured.heap).toBeGreaterThan(1e6)
  })

  test('that takes too long is ended', async () => {
    const measured = await measureProcess(node, ['-e', 'setInterval(() => {}, 1000)'], { timeout: 1500 })
    expect(measured).toMatchObject({ timedOut: true, exitCode: null, signal: 'SIGTERM' })
  })
})

describe('the processes and threads of a command', () => {
  const program = `
    const { Worker } = require('node:worker_threads')
    const { execFileSync } = require('node:child_process')
    if (process.argv[2] === 'child') { module.exports = Buffer.alloc(2_000_000) } else {
      execFileSync(process.execPath, [__filename, 'child'])
      new Worker('Buffer.alloc(4_000_000)', { eval: true })
    }`

  test('are counted together, and each', async () => {
    const cwd = folderWith({ 'cli.js': program })
    const measured = await measureProcess(node, ['cli.js'], { cwd })
    const buffers = measured.parts.map(({ arrayBuffers }) => Math.floor(arrayBuffers / 1e6))
    expect(buffers.sort()).toEqual([0, 2, 4])
    expect(measured.parts.filter(({ thread }) => thread > 0)).toHaveLength(1)
    expect(measured.arrayBuffers).toBeGreaterThanOrEqual(6_000_000)
    expect(measured.exact).toBe(true)
  })

  test.each([
    [{ children: false }, [0, 4]],
    [{ workers: false }, [0, 2]],
    [{ workers: false, children: false }, [0]],
  ])('%j', async (options, expected) => {
    const cwd = folderWith({ 'cli.js': program })
    const { parts } = await measureProcess(node, ['cli.js'], { cwd, ...options })
    expect(parts.map(({ arrayBuffers }) => Math.floor(arrayBuffers / 1e6)).sort()).toEqual(expected)
  })

  test('behind a shell', async () => {
    const { parts, stdout } = await measureProcess('sh', ['-c', '"$0" -p 1; "$0" -p 2', node])
    expect(stdout).toBe('1\n2\n')
    expect(parts).toHaveLength(2)
  })
})

describe('the profile', () => {
  test('holds all parts, when it is kept', async () => {
    const cwd = folderWith({ 'cli.js': ALLOCATING })
    const fileBase = join(cwd, 'kept')
    const measured = await measureProcess('sh', ['-c', '"$0" cli.js; "$0" cli.js', node], { cwd, fileBase })
    expect(measured.profile).toBe(fileBase)
    using profile = read(fileBase)
    expect(profile.counters?.heapBytes).toBe(measured.heap)
  })

  test('leaves nothing behind, when it is not', async () => {
    const left = () =>
      readdirSync(tmpdir()).filter((name) => name.startsWith('heapproof-') && name.length === 16)
    const before = left()
    await measureProcess(node, ['-e', ''])
    expect(
      left().filter((name) => !before.includes(name) && existsSync(join(tmpdir(), name, 'run.hpm'))),
    ).toEqual([])
  })
})

test('several at once do not mix', async () => {
  const sizes = [1, 2, 3].map((size) => size * 1_000_000)
  const all = await Promise.all(sizes.map((size) => measureProcess(node, ['-e', `Buffer.alloc(${size})`])))
  all.forEach(({ arrayBuffers }, i) => {
    expect(arrayBuffers - (sizes[i] as number)).toBeLessThan(100_000)
  })
})

describe('what cannot be done', () => {
  const refusal = async (run: () => Promise<unknown>) => {
    const error = await run().catch((reason: unknown) => reason)
    return `${(error as { code: string }).code}: ${(error as Error).message}`
  }

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'no such command',
      () => measureProcess('no-such-command'),
      /^cannot-run: .*no-such-command cannot be run/,
    ],
    [
      'no Node',
      () => measureProcess('true'),
      /^not-recorded: measureProcess: nothing of true was counted: it started no/,
    ],
    ['no command', () => measureProcess(''), /^invalid-argument: .*name or path of a command, received ""/],
    ['no list', () => measureProcess(node, 'x' as never), /^invalid-argument: .*a list of strings/],
    [
      'no option',
      () => measureProcess(node, [], { cdw: '/' } as never),
      /unknown option "cdw"; did you mean "cwd"\?/,
    ],
    [
      'no environment',
      () => measureProcess(node, [], { env: { A: 1 } as never }),
      /env must be an object whose values/,
    ],
    [
      'no folder',
      () => measureProcess(node, [], { fileBase: '/nowhere/x' }),
      /^cannot-write: .*does not exist/,
    ],
    ['no working directory', () => measureProcess(node, [], { cwd: '/nowhere' }), /^cannot-run/],
  ])('%s', async (_, run, message) => {
    expect(await refusal(run)).toMatch(message)
  })

  test('where the program cannot be recorded, its reason is given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heapproof-own-'))
    const script = join(folder, 'own.cjs')
    writeFileSync(script, `new (require('node:inspector').Session)()`)
    const env = { ...process.env, NODE_OPTIONS: '--permission --allow-fs-read=*' }
    expect(await refusal(() => measureProcess(node, [script], { env }))).toMatch(/^not-recorded/)
  })

  test('an abort ends the command', async () => {
    const stopping = new AbortController()
    const run = measureProcess(node, ['-e', 'setInterval(() => {}, 1000)'], { signal: stopping.signal })
    setTimeout(() => stopping.abort(new Error('enough')), 700)
    await expect(run).rejects.toThrow('enough')
    await expect(measureProcess(node, [], { signal: stopping.signal })).rejects.toThrow('enough')
  })
})

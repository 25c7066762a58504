import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ALLOCATING, CLI, folderWith, heapproof } from '../support/command-line.js'

function recorded(program = ALLOCATING, ...options: string[]): string {
  const cwd = folderWith({ 'main.js': program })
  expect(heapproof(['run', '-o', 'out', ...options, '--', 'main.js'], { cwd }).code).toBe(0)
  return cwd
}

test('JSON: exactly these fields, the line that allocates first', () => {
  const cwd = recorded(ALLOCATING, '--interval', '8192')
  const { code, stdout, stderr } = heapproof(['top', 'out', '--json'], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const answer = JSON.parse(stdout)
  expect(Object.keys(answer)).toEqual(['fileBase', 'samplingInterval', 'duration', 'sites'])
  expect(answer).toMatchObject({ fileBase: 'out', samplingInterval: 8192 })
  expect(answer.duration).toBeGreaterThan(0)
  const [first] = answer.sites
  const fields = ['function', 'file', 'line', 'column', 'domain', 'self', 'total', 'live', 'allocations']
  expect(Object.keys(first)).toEqual(fields)
  expect(first).toMatchObject({ function: 'fill', file: join(cwd, 'main.js'), line: 3, domain: 'heap' })
  expect(first.self).toBeGreaterThan(9e6)
  expect(first.self).toBeLessThan(17e6)
  expect(first.live).toBeLessThanOrEqual(first.self)
  for (const site of answer.sites) {
    for (const field of ['line', 'column', 'self', 'total', 'live', 'allocations']) {
      expect(Number.isInteger(site[field])).toBe(true)
    }
    expect(site.total).toBeGreaterThanOrEqual(site.self)
  }
  const selves = answer.sites.map((site: { self: number }) => site.self)
  expect(selves).toEqual(selves.toSorted((a: number, b: number) => b - a))
})

test('the table says that a polled profile knows functions only', () => {
  const program = ALLOCATING.replace('{ for', '{\n  for') // allocates on the line behind the function's start
  const cwd = recorded(program, '--source', 'polled', '--interval', '8192')
  const { code, stdout } = heapproof(['top', 'out'], { cwd })
  expect(code).toBe(0)
  const lines = stdout.split('\n')
  expect(lines[2]).toMatch(/^V8 was asked for the samples of the heap: functions are known, not lines/)
  expect(lines[5]).toMatch(/ fill +main\.js:3:\d+$/)
})

test('the table: totals first, then one line a site, the place last', () => {
  const cwd = recorded()
  const { code, stdout } = heapproof(['top', 'out'], { cwd })
  expect(code).toBe(0)
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(
    /^recorded \d+\.\d\d s: [\d.]+ MB allocated {3}\(exact: [\d.]+ MB heap, .* array buffers; \d+ collections?\)$/,
  )
  expect(lines[1]).toMatch(/^sampled every 128 KiB: \d+ samples, ±\d+ %$/)
  expect(lines[3]).toMatch(/^ +self +total +live {2}function +place$/)
  expect(lines[4]).toMatch(/^ *[\d.]+ MB +\d+ % +[\d.]+ MB +\d+ % +[\d.]+ [kM]?B {2}fill +main\.js:3:\d+$/)
})

test('-n limits both forms, and the rest is counted', () => {
  const cwd = recorded(
    `const kept = []\nfor (let i = 0; i < 300; i++) {\nkept.push(new Array(3000).fill(i))\nkept.push(new Set([i, kept.slice()]))\n}`,
    '--interval',
    '4096',
  )
  const all = JSON.parse(heapproof(['top', 'out', '--json'], { cwd }).stdout).sites.length
  expect(all).toBeGreaterThan(1)
  expect(heapproof(['top', 'out', '-n', '1'], { cwd }).stdout).toMatch(
    /\n\.\.\. \d+ more sites?, .*; -n 0 shows all\n$/,
  )
  expect(JSON.parse(heapproof(['top', 'out', '-n', '1', '--json'], { cwd }).stdout).sites).toHaveLength(1)
  expect(JSON.parse(heapproof(['top', 'out', '-n', '0', '--json'], { cwd }).stdout).sites).toHaveLength(all)
})

test('the name of one of the files will do', () => {
  const cwd = recorded()
  expect(JSON.parse(heapproof(['top', 'out.hpm', '--json'], { cwd }).stdout).fileBase).toBe('out')
})

test('an empty profile is a sentence', () => {
  const cwd = recorded('', '--interval', '1073741824')
  const { code, stdout } = heapproof(['top', 'out'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(/\nThe profile holds no samples\.\n$/)
  expect(JSON.parse(heapproof(['top', 'out', '--json'], { cwd }).stdout).sites).toEqual([])
})

test('a profile cut in the middle is read as far as it goes, and says so', () => {
  const cwd = recorded(ALLOCATING, '--interval', '1024')
  const events = readFileSync(join(cwd, 'out.hpd'))
  writeFileSync(join(cwd, 'out.hpd'), events.subarray(0, events.length - 3))
  const { code, stdout } = heapproof(['top', 'out'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(/\nthe recording was cut short; [\d,]+ bytes of an unfinished block left out\n/)
})

test('a damaged profile is one line that names the file and the place', () => {
  const cwd = recorded()
  const events = readFileSync(join(cwd, 'out.hpd'))
  events[40] = (events[40] as number) ^ 0xff
  writeFileSync(join(cwd, 'out.hpd'), events)
  const { code, stdout, stderr } = heapproof(['top', 'out'], { cwd })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^heapproof: out\.hpd: .*byte \d+.*\n$/)
})

test('a reader that closes the pipe early hears nothing of it', () => {
  const cwd = recorded(ALLOCATING, '--interval', '256')
  const command = `"${process.execPath}" "${CLI}" top out --json | true; exit \${PIPESTATUS[0]}`
  const { status, stderr } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

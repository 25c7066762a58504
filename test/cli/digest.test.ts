import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { sites } from '../../src/core/reduce/sites.js'
import { CLI, folderWith, heapproof } from '../support/command-line.js'
import { LogBuilder } from '../support/log-builder.js'

function write(folder: string, events: number, apart: number): void {
  const log = new LogBuilder()
  const trace = log.trace([{ line: 1 }])
  for (let index = 0; index < events; index++) {
    log.events.alloc(index * apart, trace, 48)
    if (index % 10_000 === 9999) log.blockHpd()
  }
  log.write(`${folder}/log`)
}

test('digest writes a digest, and says how many snapshots it has', () => {
  const cwd = folderWith()
  write(cwd, 1001, 1000)
  const message = (count: number) => `heapproof: digest in log.hpc: ${count} snapshots\n`
  const silent = { code: 0, stdout: '' }
  expect(heapproof(['digest', 'log'], { cwd })).toMatchObject({ ...silent, stderr: message(201) })
  expect(
    heapproof(['digest', 'log.hpm', '--interval', '0.1s', '--precision', '0.01'], { cwd }),
  ).toMatchObject({
    ...silent,
    stderr: message(11),
  })
  expect(heapproof(['digest', 'log', '--interval', '20 ms'], { cwd })).toMatchObject({ stderr: message(51) })
  using reader = read(`${cwd}/log`)
  expect([reader.hasDigest, reader.snapshotInterval]).toEqual([true, 0.02])
  expect(readdirSync(cwd).sort()).toEqual(['log.hpc', 'log.hpd', 'log.hpm'])
})

test.each([
  [['--interval', '5'], '--interval must be a time with its unit, such as 0.5s, 20ms or 1min, received "5"'],
  [['--interval', '0.5ms'], 'makeDigest: interval must be a number of seconds from 0.001, received 0.0005'],
  [['--precision', 'x'], '--precision must be a number from 0 to less than 1, received "x"'],
  [['--precision', '1'], 'makeDigest: precision must be from 0 to less than 1, received 1'],
])('digest %j is refused', (options, message) => {
  const cwd = folderWith()
  write(cwd, 10, 1000)
  const { code, stderr } = heapproof(['digest', 'log', ...options], { cwd })
  expect({ code, stderr }).toEqual({ code: 1, stderr: `heapproof: ${message}\n` })
  expect(existsSync(`${cwd}/log.hpc`)).toBe(false)
})

test.skipIf(process.platform === 'win32')('Ctrl-C leaves a digest as far as it came', async () => {
  const cwd = folderWith()
  write(cwd, 2_000_000, 45) // 90 s: 90,000 snapshots
  const child = spawn(process.execPath, [CLI, 'digest', 'log', '--interval', '1ms'], { cwd })
  const ended = once(child, 'exit')
  let stderr = ''
  child.stderr.on('data', (data) => {
    stderr += data
  })
  while (!readdirSync(cwd).some((name) => name.startsWith('log.hpc.new'))) await setTimeout(1)
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  expect(readdirSync(cwd).sort()).toEqual(['log.hpc', 'log.hpd', 'log.hpm'])
  using reader = read(`${cwd}/log`)
  const snapshots = reader.snapshots()
  expect(snapshots.complete).toBe(false)
  expect(stderr).toMatch(
    /^heapproof: digest in log\.hpc: [\d,]+ snapshots, which end at [\d.]+ s, where it was/,
  )
  expect(snapshots.at(-1)?.total).toBe(48 * (Math.floor(((snapshots.times.at(-1) as number) * 1e6) / 45) + 1))
})

const PROGRAM = `
const kept = []
async function main() {
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 20000; i++) (i % 10 === 0 ? kept : []).push({ a: i, b: [i] })
    kept.push(new ArrayBuffer(100000))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
main()
`

test('the digest of a real program says what its events say', () => {
  const cwd = folderWith({ 'program.js': PROGRAM })
  expect(heapproof(['run', '-o', 'log', '--interval', '1024', '--', 'program.js'], { cwd }).code).toBe(0)
  expect(heapproof(['digest', 'log', '--interval', '10ms'], { cwd }).code).toBe(0)
  using reader = read(`${cwd}/log`)
  expect(reader.hasDigest).toBe(true)
  const snapshots = reader.snapshots()
  expect(snapshots.length).toBeGreaterThan(10)
  for (const { time, total, traces } of snapshots) {
    expect(reader.span({ to: time }).live).toBeCloseTo(total, 3)
    expect(traces.every(({ bytes, samples }) => bytes > 0 && samples > 0)).toBe(true)
  }
  const live = sites(reader).sites.reduce((sum, site) => sum + site.live, 0)
  expect((snapshots.at(-1)?.total ?? 0) / live).toBeCloseTo(1, 5)
  expect(reader.usageByThread().total.at(-1)).toBeCloseTo(snapshots.at(-1)?.total ?? 0, 3)
  const peak = reader.peak()
  for (const { total } of snapshots) expect(total).toBeLessThanOrEqual(peak.bytes * (1 + 1e-9))
  const { usage } = reader.usage({ objects: 'program.js:5', buffers: 'program.js:6' })
  expect(usage.get('buffers')?.at(-1)).toBeGreaterThan(1_000_000)
  expect(usage.get('objects')?.at(-1)).toBeGreaterThan(1_000_000)
})

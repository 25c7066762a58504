import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
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

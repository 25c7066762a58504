import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { ALLOCATING, CLI, folderWith } from '../support/command-line.js'

async function started(program: string): Promise<{ child: ChildProcess; cwd: string }> {
  const cwd = folderWith({ 'main.js': `${program}\nsetInterval(() => {}, 1000)\nconsole.log('ready')` })
  const child = spawn(process.execPath, [CLI, 'run', '-o', 'out', '--', 'main.js'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ready = once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`ended with ${code}, never ready`)),
  )
  await Promise.race([ready, ended])
  return { child, cwd }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s reaches the program, which answers',
  async (signal) => {
    const { child, cwd } = await started(
      `process.on('${signal}', () => { console.log('${signal}'); process.exit(5) })`,
    )
    let answer = ''
    child.stdout?.on('data', (data) => {
      answer += data
    })
    child.kill(signal)
    expect(await once(child, 'close')).toEqual([5, null])
    expect(answer).toBe(`${signal}\n`)
    using profile = read(join(cwd, 'out'))
    expect(profile.end).toBe('')
  },
)

test('a program that dies by a signal: so do we, and what was written can be read', async () => {
  const { child, cwd } = await started(ALLOCATING)
  await new Promise((resolve) => setTimeout(resolve, 600)) // two writes
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([null, 'SIGTERM'])
  using profile = read(join(cwd, 'out'))
  expect(profile.end).toBeUndefined()
  expect(Array.from(profile.events()).length).toBeGreaterThan(10)
})

test('a program that kills itself', async () => {
  const cwd = folderWith({ 'main.js': `process.kill(process.pid, 'SIGKILL')` })
  const child = spawn(process.execPath, [CLI, 'run', '-o', 'out', '--', 'main.js'], { cwd, stdio: 'ignore' })
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
})

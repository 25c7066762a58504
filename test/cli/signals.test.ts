import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../src/core/reader.js'
import { sites } from '../../src/core/reduce/sites.js'
import { ALLOCATING, CLI, folderWith } from '../support/command-line.js'

async function started(
  program: string,
  files: Record<string, string> = {},
): Promise<{ child: ChildProcess; cwd: string }> {
  const cwd = folderWith({
    ...files,
    'main.js': `setInterval(() => {}, 1000)\nsetImmediate(() => console.log('ready'))\n${program}`,
  })
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

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'a program that dies by %s: so do we, and the profile is complete',
  async (signal) => {
    const { child, cwd } = await started(ALLOCATING)
    child.kill(signal)
    expect(await once(child, 'close')).toEqual([null, signal])
    using profile = read(join(cwd, 'out'))
    expect(profile.end).toBe('')
    expect(Array.from(profile.events()).length).toBeGreaterThan(10)
  },
)

test('where sources are is known after a signal too', async () => {
  const map = { version: 3, sources: ['original.ts'], names: [], mappings: `AAAA${';AACA'.repeat(9)}` }
  const { child, cwd } = await started(`${ALLOCATING}\n//# sourceMappingURL=main.js.map\n`, {
    'main.js.map': JSON.stringify(map),
  })
  // Which map a script has is known to the profile at the next write, a quarter of a second later at most.
  await expect
    .poll(() => readFileSync(join(cwd, 'out.hpm'), 'latin1'), { timeout: 20_000 })
    .toContain('main.js.map')
  child.kill('SIGTERM')
  await once(child, 'close')
  using profile = read(join(cwd, 'out'))
  const files = sites(profile).sites.map(({ file }) => file)
  expect(files).toContain(join(cwd, 'original.ts'))
})

test('a program that kills itself', async () => {
  const cwd = folderWith({ 'main.js': `process.kill(process.pid, 'SIGKILL')` })
  const child = spawn(process.execPath, [CLI, 'run', '-o', 'out', '--', 'main.js'], { cwd, stdio: 'ignore' })
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureProcess } from 'heapproof'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder
let file
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'count-'))
  file = join(folder, 'words.txt')
  writeFileSync(file, 'the quick brown fox jumps over the lazy dog\n'.repeat(20_000))
})
afterAll(() => rmSync(folder, { recursive: true }))

const count = (...args) =>
  measureProcess(process.execPath, ['bin/count.js', ...args], { samplingInterval: 4096 })

test('counts words', async () => {
  const { exitCode, stdout } = await count(file)
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '40000 the\n20000 quick\n20000 brown\n' })
}, 60_000)

test('stays small, whoever starts it', async () => {
  expect(await count(file)).toAllocateLessThan('60 MB')
}, 60_000)

// This one is over its limit on purpose, to show what that looks like.
test('stays small with the whole file in memory', async () => {
  expect(await count('--whole', file)).toAllocateLessThan('2 MB')
}, 60_000)

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dropOldest } from '../../../src/core/bracket/drop-oldest.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drop-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, bytes: number, time: number): void {
  const full = join(folder, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, Buffer.alloc(bytes))
  utimesSync(full, time, time)
}

test('removes the oldest profiles, whole, until the rest is small enough', () => {
  write('a/old.hpm', 100, 1)
  write('a/old.hpd', 100, 1)
  write('a/old.hpc', 100, 1)
  write('b/c/middle.hpm', 100, 2)
  write('new.hpm', 100, 3)
  write('new.txt', 1000, 0)
  write('.running/1.hpd', 1000, 0)
  expect(dropOldest(folder, 500)).toEqual({ files: 0, bytes: 0 })
  expect(dropOldest(folder, 499)).toEqual({ files: 1, bytes: 300 })
  expect(readdirSync(join(folder, 'a'))).toEqual([])
  expect(dropOldest(folder, 199)).toEqual({ files: 1, bytes: 100 })
  expect(['new.hpm', 'new.txt', '.running/1.hpd'].map((name) => existsSync(join(folder, name)))).toEqual([
    true,
    true,
    true,
  ])
})

test('a report page goes with its profile, and the index of a run is no profile', () => {
  write('old.hpm', 100, 1)
  write('old.html', 100, 2)
  write('new.hpd', 100, 3)
  write('index.html', 1000, 0)
  expect(dropOldest(folder, 250)).toEqual({ files: 1, bytes: 200 })
  expect(readdirSync(folder).sort()).toEqual(['index.html', 'new.hpd'])
})

test('a folder that is not there holds nothing', () => {
  expect(dropOldest(join(folder, 'none'), 0)).toEqual({ files: 0, bytes: 0 })
})

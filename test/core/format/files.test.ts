import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { findProfile, InputFile } from '../../../src/core/format/files.js'
import { logFolder } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

function touch(name: string): string {
  const base = folder.base(name)
  writeFileSync(`${base}.hpm`, '')
  writeFileSync(`${base}.hpd`, '')
  return base
}

test('a base, or the name of one of its files', () => {
  const base = touch('a run ü')
  for (const given of [base, `${base}.hpm`, `${base}.hpd`]) {
    expect(findProfile(given)).toEqual({ fileBase: base, hpm: `${base}.hpm`, hpd: `${base}.hpd` })
  }
})

test('a base that itself ends like a file', () => {
  const base = touch('run.hpm')
  expect(findProfile(base).hpm).toBe(`${base}.hpm`)
})

test('what is missing is named, with the base', () => {
  const base = folder.base('none')
  const missing = (message: string) => expect.objectContaining({ code: 'profile-not-found', message })
  expect(() => findProfile(base)).toThrow(
    missing(`${base}: no profile here: ${base}.hpm and ${base}.hpd are missing`),
  )
  writeFileSync(`${base}.hpd`, '')
  expect(() => findProfile(`${base}.hpd`)).toThrow(
    missing(`${base}: no profile here: ${base}.hpm is missing`),
  )
  const directory = folder.base('directory')
  mkdirSync(directory)
  expect(() => findProfile(directory)).toThrow(
    missing(
      `${directory}: no profile here: ${directory}.hpm and ${directory}.hpd are missing (${directory} is a directory)`,
    ),
  )
})

test.each([
  ['', '""'],
  ['a\0b', '"a\\u0000b"'],
  [undefined, 'undefined'],
  [7, 'number'],
])('%j is no base', (given, shown) => {
  const message = `fileBase: expected the path of a recording, got ${shown}`
  expect(() => findProfile(given as string)).toThrow(
    expect.objectContaining({ code: 'invalid-argument', message }),
  )
})

test('a directory or a pipe is not a file', () => {
  const directory = folder.base('directory.hpm')
  mkdirSync(directory)
  const pipe = folder.base('pipe.hpm')
  execFileSync('mkfifo', [pipe])
  for (const path of [directory, pipe]) {
    expect(() => new InputFile(path)).toThrow(
      expect.objectContaining({
        code: 'not-a-profile',
        message: `${path}: expected a file, found something else`,
      }),
    )
  }
})

test('a file that the system does not give is named', () => {
  const path = folder.base('gone.hpm')
  const message = expect.stringMatching(/gone\.hpm: cannot be read: ENOENT/)
  expect(() => new InputFile(path)).toThrow(expect.objectContaining({ code: 'cannot-read', message }))
})

test('a closed file says so, and can be closed again', () => {
  const path = folder.base('closed.hpm')
  writeFileSync(path, 'abc')
  const file = new InputFile(path)
  file.close()
  file.close()
  expect(() => file.read(new Uint8Array(1), 0)).toThrow(`${path}: the reader of this profile is closed`)
})

import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { annotate } from '../../../src/core/frames/annotate.js'
import { read } from '../../../src/core/reader.js'
import { LogBuilder, logFolder, writeLog } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

// Line n, column 1 of the script comes from line n + 10, column 1 of src/a.ts, for lines 1 to 3.
const map = { version: 3 as const, sources: ['../src/a.ts'], names: [], mappings: 'AAUA;AACA;AACA' }

function writeRecording(name: string): string {
  const log = new LogBuilder()
  const url = 'file:///app/dist/a.mjs'
  const trace = log.trace([
    { function: 'inner', url, line: 1, column: 7, sourceMapUrl: 'a.mjs.map' },
    { function: '', url, line: 3, column: 1, sourceMapUrl: 'a.mjs.map', approximate: true },
    { function: 'unmapped', url, line: 9, column: 1, sourceMapUrl: 'a.mjs.map' },
    { function: 'other', url: '/app/dist/other.js', line: 1, column: 1 },
    { function: 'test', url: '/app/node_modules/vitest/dist/a.js', line: 1, column: 1 },
    { function: 'run', url: 'node:internal/main', line: 1, column: 1 },
  ])
  log.events.sampling(0, 'heap', 0).alloc(1, trace, 8).end(2)
  return log.write(folder.base(name))
}

function frames(base: string): string[] {
  const reader = read(base)
  const list = reader
    .trace(1)
    .frames.map(({ function: name, file, line, column }) => `${name} ${file}:${line}:${column}`)
  reader.close()
  return list
}

const resolve = (scriptUrl: string) => (scriptUrl.endsWith('/a.mjs') ? map : undefined)
const MAPPED = [
  'inner /app/src/a.ts:11:1',
  '(anonymous) /app/src/a.ts:13:1',
  'unmapped /app/dist/a.mjs:9:1',
  'other /app/dist/other.js:1:1',
  'test /app/node_modules/vitest/dist/a.js:1:1',
  'run node:internal/main:1:1',
]

test('frames are where their sources are', () => {
  const base = writeRecording('mapped')
  expect(annotate(base, resolve)).toBe(2)
  expect(frames(base)).toEqual(MAPPED)
})

test('each script of the user and of dependencies is asked for once, with its source map URL', () => {
  const asked: string[][] = []
  annotate(writeRecording('asked'), (...given) => {
    asked.push(given)
    return undefined
  })
  expect(asked).toEqual([
    ['/app/dist/other.js', ''],
    ['file:///app/dist/a.mjs', 'a.mjs.map'],
  ])
})

test('a second time writes nothing; another place is written and holds', () => {
  const base = writeRecording('twice')
  annotate(base, resolve)
  const bytes = readFileSync(`${base}.hpm`)
  expect(annotate(base, resolve)).toBe(0)
  expect(readFileSync(`${base}.hpm`).equals(bytes)).toBe(true)
  expect(annotate(base, () => JSON.stringify({ ...map, sources: ['b.ts'] }))).toBe(3)
  expect(frames(base)[0]).toBe('inner /app/dist/b.ts:11:1')
})

test('nothing to map leaves the files as they are', () => {
  const base = writeRecording('nothing')
  const bytes = readFileSync(`${base}.hpm`)
  expect(annotate(base, () => undefined)).toBe(0)
  expect(annotate(base, () => 'no map')).toBe(0)
  const failing = () => {
    throw new Error('no map today')
  }
  expect(() => annotate(base, failing)).toThrow('no map today')
  expect(readFileSync(`${base}.hpm`).equals(bytes)).toBe(true)
})

test('what a killed recorder left of a block is cut off first', () => {
  const base = writeRecording('killed')
  appendFileSync(`${base}.hpm`, Uint8Array.of(200, 0, 0, 0, 1, 2, 3, 4, 5, 6))
  expect(annotate(base, resolve)).toBe(2)
  expect(frames(base)).toEqual(MAPPED)
  const reader = read(base)
  expect(reader.truncated).toBe(0)
  reader.close()
})

test('a crash at any byte of the write leaves a readable recording', () => {
  const base = writeRecording('crash')
  const before = readFileSync(`${base}.hpm`)
  annotate(base, resolve)
  const after = readFileSync(`${base}.hpm`)
  const events = readFileSync(`${base}.hpd`)
  expect(after.subarray(0, before.length).equals(before)).toBe(true)
  for (let length = before.length; length < after.length; length++) {
    writeLog(base, after.subarray(0, length), events)
    expect(frames(base)[0]).toBe('inner /app/dist/a.mjs:1:7')
  }
})

test('an empty recording has nothing to map', () => {
  expect(annotate(writeLog(folder.base('empty'), new Uint8Array(0), new Uint8Array(0)), resolve)).toBe(0)
})

test('a recording that is not there, or cannot be written, is an error', () => {
  expect(() => annotate(folder.base('none'), resolve)).toThrow(
    expect.objectContaining({ code: 'profile-not-found' }),
  )
  const base = writeRecording('replaced')
  const replace = () => {
    rmSync(`${base}.hpm`, { force: true, recursive: true })
    mkdirSync(`${base}.hpm`, { recursive: true })
    return map
  }
  expect(() => annotate(base, replace)).toThrow(expect.objectContaining({ code: 'cannot-write' }))
})

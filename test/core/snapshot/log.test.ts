import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type LoggedSnapshot, portablePath, SnapshotLog } from '../../../src/core/snapshot/log.js'
import { snapshotNotes } from '../../../src/core/snapshot/notes.js'
import { readLog, readLogs } from '../../../src/core/snapshot/read-log.js'
import { FEED, FEED_TEXT } from './digests.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'log-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const entry = (key: string, more: Partial<LoggedSnapshot> = {}): LoggedSnapshot => ({
  version: 1,
  testFile: 'test/feed.test.ts',
  test: 'a feed',
  snapshotFile: 'test/__snapshots__/feed.test.ts.snap',
  key,
  outcome: 'same',
  block: FEED_TEXT,
  digest: FEED,
  ...more,
})
const logOf = (file: string, project = '') => new SnapshotLog(root, project, join(root, file))

describe('the log of a test file', () => {
  test('has what was measured, as it was', () => {
    const log = logOf('test/feed.test.ts')
    const entries = [entry('a 1'), entry('b 1', { inline: { line: 3, column: 9 } })]
    for (const each of entries) log.add(each)
    expect(readLog(join(root, '.heapproof/snapshots/test/feed.test.ts.jsonl'))).toEqual(entries)
    expect(readFileSync(join(root, '.heapproof/.gitignore'), 'utf8')).toBe('*\n')
  })

  test('of a retry the last line counts', () => {
    const log = logOf('test/feed.test.ts')
    log.add(entry('a 1', { outcome: 'grew' }))
    log.add(entry('b 1'))
    log.add(entry('a 1'))
    expect(readLogs(join(root, '.heapproof')).map(({ key, outcome }) => [key, outcome])).toEqual([
      ['a 1', 'same'],
      ['b 1', 'same'],
    ])
  })

  test('is gone when the file is run again and measures nothing', () => {
    logOf('test/feed.test.ts').add(entry('a 1'))
    logOf('test/feed.test.ts')
    expect(readLogs(join(root, '.heapproof'))).toEqual([])
  })

  test('has a place for each project, and none outside', () => {
    logOf('a.test.ts').add(entry('a 1'))
    logOf('a.test.ts', 'Unit tests').add(entry('a 2', { snapshotFile: 'other.snap' }))
    logOf('../outside.test.ts').add(entry('a 3'))
    const places = ['a.test.ts.jsonl', 'unit-tests/a.test.ts.jsonl', '__/outside.test.ts.jsonl']
    for (const place of places)
      expect(existsSync(join(root, '.heapproof/snapshots', place)), place).toBe(true)
    expect(readLogs(join(root, '.heapproof')).map(({ key }) => key)).toEqual(['a 3', 'a 1', 'a 2'])
  })

  test('that cannot be written is said, and nothing else', () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      writeFileSync(join(root, '.heapproof'), '')
      logOf('a.test.ts').add(entry('a 1'))
      expect(written.mock.calls.join()).toContain('heapproof: cannot write ')
    } finally {
      written.mockRestore()
    }
  })
})

describe('reading', () => {
  const path = () => join(root, '.heapproof/snapshots/a.test.ts.jsonl')

  test('without a log there is nothing', () => {
    expect(readLogs(join(root, '.heapproof'))).toEqual([])
  })

  test('a last line that was cut off is left out', () => {
    logOf('a.test.ts').add(entry('a 1'))
    appendFileSync(path(), JSON.stringify(entry('b 1')).slice(0, -9))
    expect(readLog(path()).map(({ key }) => key)).toEqual(['a 1'])
  })

  test.each([
    'nonsense',
    'null',
    '[]',
    '{}',
    '{"version":2}',
    JSON.stringify({ ...entry('a 1'), digest: null }),
  ])('a line that is none is an error: %s', (line) => {
    logOf('a.test.ts').add(entry('a 1'))
    appendFileSync(path(), `${line}\n`)
    expect(() => readLog(path())).toThrow(expect.objectContaining({ code: 'damaged-log' }))
    expect(() => readLog(path())).toThrow('a.test.ts.jsonl, line 2: expected what a test measured')
  })

  test('a folder in place of a log cannot be read', () => {
    expect(() => readLog(root)).toThrow(expect.objectContaining({ code: 'cannot-read' }))
  })
})

test('a report tells which snapshots are smaller than stored, of the files that ran', () => {
  const log = logOf('a.test.ts')
  log.add(entry('a 1', { testFile: 'a.test.ts', outcome: 'smaller' }))
  log.add(entry('b\u001b 1', { testFile: 'a.test.ts', outcome: 'smaller' }))
  log.add(entry('c 1', { testFile: 'a.test.ts', outcome: 'grew' }))
  logOf('old.test.ts').add(entry('d 1', { testFile: 'old.test.ts', outcome: 'smaller' }))
  const home = join(root, '.heapproof')
  expect(snapshotNotes(home, new Set(['a.test.ts']))).toEqual([
    ' heapproof: 2 heap snapshots are smaller than stored: update them with -u, so that they stay so',
    '     a.test.ts  a 1',
    '     a.test.ts  b\\u{1b} 1',
  ])
  expect(snapshotNotes(home, new Set(['b.test.ts']))).toEqual([])
})

test.each([
  ['/p/src/a.ts', 'src/a.ts'],
  ['/q/a.ts', '../q/a.ts'],
  ['/p/node_modules/x/i.js', 'node_modules/x/i.js'],
  ['/q/node_modules/.pnpm/x@1.2.3/node_modules/x/i.js', 'node_modules/x/i.js'],
  ['node:fs', 'node:fs'],
  ['', ''],
])('%s is %s wherever the project lies', (path, expected) => {
  expect(portablePath('/p', path)).toBe(expected)
})

import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { HeapproofError } from '../../../src/core/errors.js'
import { read } from '../../../src/core/reader.js'
import { isProfiling } from '../../../src/core/session/is-profiling.js'
import { start } from '../../../src/core/session/start.js'
import { stop } from '../../../src/core/session/stop.js'
import { folderWith } from '../../support/command-line.js'

const kept: unknown[] = []

function allocate(): void {
  for (let i = 0; i < 100_000; i++) kept.push({ i })
}

function codeOf(fn: () => void): string | undefined {
  try {
    fn()
  } catch (error) {
    expect(error).toBeInstanceOf(HeapproofError)
    return (error as HeapproofError).code
  }
}

afterEach(() => {
  stop()
  kept.length = 0
})

test('records until stop(), with the options in the header', () => {
  const base = join(folderWith(), 'run')
  expect(isProfiling()).toBe(false)
  start(base, { samplingInterval: 4096, stackDepth: 5, domains: ['heap'] })
  expect(isProfiling()).toBe(true)
  allocate()
  stop()
  expect(isProfiling()).toBe(false)
  using profile = read(base)
  expect(profile.header).toMatchObject({
    pid: process.pid,
    node: process.version,
    v8: process.versions.v8,
    samplingInterval: 4096,
    stackDepth: 5,
    domains: ['heap'],
    sampling: { interval: 4096 },
    source: 'direct',
    sourceReason: '',
    command: process.argv,
    flags: process.execArgv,
  })
  expect(Math.abs((profile.header?.startTime ?? 0) - Date.now())).toBeLessThan(60_000)
  expect(profile.end).toBe('')
  expect(profile.traceCount).toBeGreaterThan(0)
  for (let index = 1; index <= profile.traceCount; index++) {
    expect(profile.trace(index).frames.length).toBeLessThanOrEqual(5)
    expect(profile.trace(index).domain).toBe('heap')
  }
})

test('the defaults', () => {
  const base = join(folderWith(), 'run')
  start(base)
  stop()
  using profile = read(base)
  expect(profile.header).toMatchObject({
    samplingInterval: 131072,
    stackDepth: 128,
    domains: ['heap', 'arrayBuffer'],
    exactLines: true,
  })
})

test('without exact lines a recording says so', () => {
  const base = join(folderWith(), 'run')
  start(base, { exactLines: false })
  stop()
  using profile = read(base)
  expect(profile.header?.exactLines).toBe(false)
})

test('both files are there at once, for the owner alone, whatever the umask', () => {
  const folder = folderWith()
  const before = process.umask(0o277)
  try {
    start(join(folder, 'run'))
  } finally {
    process.umask(before)
  }
  expect(readdirSync(folder).sort()).toEqual(['run.hpd', 'run.hpm'])
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
})

test('a former profile is replaced: its rights, its digest and where it linked to play no part', () => {
  const folder = folderWith({ 'run.hpm': 'old', 'run.hpc': 'old', elsewhere: 'untouched' })
  chmodSync(join(folder, 'run.hpm'), 0o644)
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'run.hpd'))
  start(join(folder, 'run'))
  stop()
  expect(readdirSync(folder).sort()).toEqual(['elsewhere', 'run.hpd', 'run.hpm'])
  expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('untouched')
  expect(statSync(join(folder, 'run.hpm')).mode & 0o777).toBe(0o600)
  using profile = read(join(folder, 'run'))
  expect(profile.end).toBe('')
})

test('a second start is refused and harms nothing; stop() without start() does nothing', () => {
  const folder = folderWith({ 'other.hpm': 'old', 'other.hpd': 'old' })
  start(join(folder, 'run'))
  expect(codeOf(() => start(join(folder, 'other')))).toBe('already-profiling')
  expect(() => start(join(folder, 'other'))).toThrow(
    `a recording is under way into ${join(folder, 'run')}: stop() it before`,
  )
  expect(isProfiling()).toBe(true)
  expect(readFileSync(join(folder, 'other.hpm'), 'utf8')).toBe('old')
  stop()
  stop()
  expect(isProfiling()).toBe(false)
  expect(readdirSync(folder).sort()).toEqual(['other.hpd', 'other.hpm', 'run.hpd', 'run.hpm'])
})

test('a start that cannot write leaves the former profile and nothing else', () => {
  const folder = folderWith({ 'run.hpm': 'old', file: '' })
  mkdirSync(join(folder, 'run.hpd'))
  mkdirSync(join(folder, 'folder'))
  const before = readdirSync(folder)
  expect(codeOf(() => start(join(folder, 'run')))).toBe('cannot-write')
  expect(codeOf(() => start(join(folder, 'folder')))).toBe('cannot-write')
  expect(codeOf(() => start(join(folder, 'folder/')))).toBe('cannot-write')
  expect(codeOf(() => start(join(folder, 'missing/run')))).toBe('cannot-write')
  expect(codeOf(() => start(join(folder, 'file/run')))).toBe('cannot-write')
  expect(codeOf(() => start('/proc/run'))).toBe('cannot-write')
  expect(isProfiling()).toBe(false)
  expect(readdirSync(folder)).toEqual(before)
  expect(readFileSync(join(folder, 'run.hpm'), 'utf8')).toBe('old')
})

test.each([
  ['', undefined, 'fileBase must be the path of the profile without an extension, received ""'],
  ['a\0b', undefined, /^fileBase must be the path/],
  [5, undefined, 'fileBase must be the path of the profile without an extension, received 5'],
  ['run', null, /^start: expected an object with options, received null$/],
  [
    'run',
    { samplingInterval: 0 },
    'start: samplingInterval must be a whole number from 1 to 1073741824, received 0',
  ],
  ['run', { samplingInterval: 1.5 }, /^start: samplingInterval must be/],
  ['run', { samplingInterval: '64KiB' }, /^start: samplingInterval must be/],
  ['run', { stackDepth: 1025 }, 'start: stackDepth must be a whole number from 1 to 1024, received 1025'],
  [
    'run',
    { domains: [] },
    "start: domains must be a list of 'heap', 'arrayBuffer' and 'native', each at most once, received []",
  ],
  ['run', { domains: ['heap', 'heap'] }, /^start: domains must be/],
  ['run', { domains: ['stack'] }, /^start: domains must be/],
  ['run', { source: 'any' }, `start: source must be 'auto', 'direct' or 'polled', received "any"`],
  ['run', { exactLines: 1 }, 'start: exactLines must be true or false, received 1'],
  ['run', { seed: 0 }, 'start: seed must be a whole number from 1 to 9007199254740991, received 0'],
  ['run', { seed: 2 ** 53 }, /^start: seed must be/],
  ['run', { seed: 0.5 }, /^start: seed must be/],
  [
    'run',
    { samplingInterval: 1, samplingProbability: {} },
    'start: samplingInterval and samplingProbability are two ways to say the same: give one of them',
  ],
  [
    'run',
    { samplingintervall: 1 },
    'start: unknown option "samplingintervall"; did you mean "samplingInterval"?',
  ],
] as [string, object, string | RegExp][])('start(%j, %j) is refused', (fileBase, options, message) => {
  let error: unknown
  try {
    start(fileBase, options)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({ name: 'HeapproofError', code: 'invalid-argument' })
  const sentence = (error as HeapproofError).message
  if (typeof message === 'string') expect(sentence).toBe(message)
  else expect(sentence).toMatch(message)
  expect(isProfiling()).toBe(false)
})

test('what is recorded reaches the disk while the program runs, even with fake timers', async () => {
  const { setTimeout: realTimeout } = await import('node:timers')
  const base = join(folderWith(), 'run')
  vi.useFakeTimers()
  try {
    start(base, { samplingInterval: 4096 })
    allocate()
    await new Promise((resolve) => realTimeout(resolve, 600))
    using profile = read(base)
    expect(profile.end).toBeUndefined()
    expect(Array.from(profile.events()).length).toBeGreaterThan(100)
  } finally {
    vi.useRealTimers()
  }
})

test('a relative file base stays where it was, though the program goes elsewhere', () => {
  const folder = folderWith()
  const before = process.cwd()
  process.chdir(folder)
  try {
    start('run')
    process.chdir('/')
    stop()
  } finally {
    process.chdir(before)
  }
  using profile = read(join(folder, 'run'))
  expect(profile.end).toBe('')
})

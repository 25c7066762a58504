import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeapproofError } from '../../../src/core/errors.js'
import { Filter } from '../../../src/core/tracemalloc/filter.js'
import { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { folderWith } from '../../support/command-line.js'
import { snapshotsWith } from './arbitrary.js'
import { snapshotOf } from './snapshots.js'

const SNAPSHOT = snapshotOf([
  [30, 3, 'set@cache.ts:2:9 main@main.ts:4:1'],
  [8, 1, 'set@cache.ts:5:9 main@main.ts:4:1', 'arrayBuffer'],
  [7.25, 1.5, ''],
])

function dumped(snapshot: Snapshot, attributes?: Record<string, unknown>): string {
  const path = join(folderWith(), 'snapshot.json')
  snapshot.dump(path, attributes && { attributes })
  return path
}

/** What comes of loading a file with this text, or of its JSON with some fields changed. */
function loading(change: string | Record<string, unknown>): () => Snapshot {
  const path = dumped(SNAPSHOT)
  const text =
    typeof change === 'string'
      ? change
      : JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change })
  writeFileSync(path, text)
  return () => Snapshot.load(path)
}

function failure(code: string, message: string): unknown {
  return expect.objectContaining({ name: 'HeapproofError', code, message: expect.stringContaining(message) })
}

test('a snapshot comes back as it was', () => {
  const loaded = Snapshot.load(dumped(SNAPSHOT))
  expect(loaded).toEqual(SNAPSHOT)
  expect(loaded).toBeInstanceOf(Snapshot)
  expect(loaded.statistics('lineno').map(String)).toEqual(SNAPSHOT.statistics('lineno').map(String))
  expect(loaded.compareTo(SNAPSHOT, 'traceback').map(({ sizeDiff }) => sizeDiff)).toEqual([0, 0, 0])
  expect(loaded.filterTraces([new Filter(true, 'cache.ts')]).total).toBe(38)
})

test('an empty snapshot comes back as well, and one with a table', () => {
  const content = {
    traces: [],
    time: 0,
    tracebackLimit: 5,
    sampling: { table: [[128, 0.5] as const, [4096, 1] as const] },
  }
  const empty = new Snapshot(content)
  expect(Snapshot.load(dumped(empty))).toEqual(empty)
})

test('any snapshot comes back, to the last bit and with any Unicode in its names', () => {
  const path = join(folderWith(), 'snapshot.json')
  const estimates = fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }).map((value) => value + 0)
  fc.assert(
    fc.property(snapshotsWith(estimates), (snapshot) => {
      snapshot.dump(path)
      const loaded = Snapshot.load(path)
      expect(JSON.stringify(loaded)).toBe(JSON.stringify(snapshot))
      expect(loaded.traces.map(({ trace }) => trace)).toEqual(snapshot.traces.map(({ trace }) => trace))
    }),
  )
})

test('snapshot_save_attr: what the user adds is kept', () => {
  const first = Snapshot.load(dumped(SNAPSHOT, { build: 'x86', tags: ['a', { b: null }] }))
  expect(first.attributes).toEqual({ build: 'x86', tags: ['a', { b: null }] })
  const second = Snapshot.load(dumped(first, { build: 'arm', more: 1 }))
  expect(second.attributes).toEqual({ build: 'arm', tags: ['a', { b: null }], more: 1 })
  expect(first.attributes.build).toBe('x86')
  expect(SNAPSHOT.attributes).toEqual({})
  expect(() => Object.assign(first.attributes, { build: 'arm' })).toThrow(TypeError)
})

test('attributes named like what every object has harm nothing', () => {
  const attributes = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "toJSON": 3}')
  const loaded = Snapshot.load(dumped(SNAPSHOT, attributes))
  expect(Object.keys(loaded.attributes).sort()).toEqual(['__proto__', 'constructor', 'toJSON'])
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

test.each([
  [{ attributes: 5 }, 'dump: attributes must be an object, received 5'],
  [{ attributes: ['a'] }, 'dump: attributes must be an object, received ["a"]'],
  [
    { attributes: { size: 1n } },
    'dump: attributes must be an object that JSON can hold, received {"size": 1n}',
  ],
  [{ attribute: {} }, 'dump: unknown option "attribute"; did you mean "attributes"?'],
])('what cannot be kept is refused, and nothing is written: %#', (options, message) => {
  const path = join(folderWith(), 'snapshot.json')
  expect(() => SNAPSHOT.dump(path, options as object)).toThrow(failure('invalid-argument', message))
  expect(existsSync(path)).toBe(false)
})

test('attributes in a circle are refused', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  expect(() => dumped(SNAPSHOT, circle)).toThrow(failure('invalid-argument', 'that JSON can hold'))
})

test('a dump takes the place of what was there, is readable by its owner alone, and the same each time', () => {
  const path = join(folderWith({ 'old.json': 'x'.repeat(100_000) }), 'old.json')
  SNAPSHOT.dump(path)
  expect(Snapshot.load(path)).toEqual(SNAPSHOT)
  const fresh = dumped(SNAPSHOT)
  expect(readFileSync(fresh, 'utf8')).toBe(readFileSync(path, 'utf8'))
  if (process.platform !== 'win32') expect(statSync(fresh).mode & 0o777).toBe(0o600)
})

test('where nothing can be written, that is said', () => {
  const folder = folderWith()
  expect(() => SNAPSHOT.dump(folder)).toThrow(failure('cannot-write', `${folder}: cannot be written: EISDIR`))
  const missing = join(folder, 'missing', 'snapshot.json')
  expect(() => SNAPSHOT.dump(missing)).toThrow(failure('cannot-write', 'ENOENT'))
})

test('where nothing can be read, that is said', () => {
  const missing = join(folderWith(), 'missing.json')
  expect(() => Snapshot.load(missing)).toThrow(failure('cannot-read', `${missing}: cannot be read: ENOENT`))
  expect(() => Snapshot.load(undefined as unknown as string)).toThrow(failure('cannot-read', 'undefined'))
})

test('what is no regular file is no snapshot: a named pipe would block', () => {
  const folder = folderWith()
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  mkdirSync(join(folder, 'directory'))
  for (const path of [pipe, join(folder, 'directory'), '/dev/zero']) {
    expect(() => Snapshot.load(path)).toThrow(
      failure('not-a-snapshot', `${path}: expected a file that snapshot.dump()`),
    )
  }
})

test('a file of more than 64 MiB is not read, nor one with more lists than a snapshot can have', () => {
  const path = dumped(SNAPSHOT)
  truncateSync(path, 64 * 1024 * 1024 + 1)
  const long = '67108865 bytes, where a snapshot has at most 67108864'
  expect(() => Snapshot.load(path)).toThrow(failure('not-a-snapshot', long))
  const lists = `{"heapproof":"snapshot","version":1,"strings":[${'{},'.repeat(4_000_000)}{}]}`
  expect(loading(lists)).toThrow(
    failure('not-a-snapshot', '4000003 lists, where a snapshot has at most 4000000'),
  )
})

test('what could not be loaded again is not dumped', () => {
  const path = join(folderWith(), 'snapshot.json')
  for (const attributes of [
    { long: 'x'.repeat(64 * 1024 * 1024) },
    { lists: new Array(4_000_000).fill([]) },
  ]) {
    expect(() => SNAPSHOT.dump(path, { attributes })).toThrow(
      failure('cannot-write', 'it could not be loaded again'),
    )
    expect(existsSync(path)).toBe(false)
  }
})

test.each([
  '',
  '{}',
  '[]',
  'null',
  '5',
  '"snapshot"',
  '{"heapproof":"profile"}',
  'import os',
  '\x89HPM',
  '[['.repeat(1e5),
])('something else is no snapshot: %#', (text) => {
  expect(loading(text)).toThrow(
    failure('not-a-snapshot', 'expected a file that snapshot.dump() wrote, found something else'),
  )
})

test('a later version is not read, and which one it is is said', () => {
  expect(loading({ version: 2 })).toThrow(
    failure('unsupported-version', 'version 2 of the snapshot format; this heapproof reads version 1'),
  )
  // Only those two fields stay what they are in all versions.
  expect(loading('{"heapproof":"snapshot","version":7,"tables":{}}')).toThrow(
    failure('unsupported-version', 'version 7'),
  )
})

test('what a later heapproof adds is passed over', () => {
  const path = dumped(SNAPSHOT)
  const json = JSON.parse(readFileSync(path, 'utf8'))
  json.traces[0].push('more')
  expect(loading({ added: [1], traces: json.traces })()).toEqual(SNAPSHOT)
})

const ROW = [1, 'heap', false, 1, 1, 1, [0]]
const FRAME = [0, 0, 1, 1, false]
/** One row with another value at one place. */
const changed = (row: readonly unknown[], at: number, value: unknown) => [
  row.map((one, i) => (i === at ? value : one)),
]

test.each([
  [{ version: '1' }, 'version: expected a number, received "1"'],
  [{ version: undefined }, 'version: expected a number, received nothing'],
  [{ time: null }, 'time: expected a number, received null'],
  [{ tracebackLimit: -1 }, 'tracebackLimit: expected a whole number from 0 to 2^53 - 1, received -1'],
  [{ tracebackLimit: 1.5 }, 'tracebackLimit: expected a whole number'],
  [{ sampling: 5 }, 'sampling: expected an object, received 5'],
  [{ sampling: {} }, 'sampling.interval: expected a number, received nothing'],
  [{ sampling: { interval: -1 } }, 'sampling.interval: expected a number from 0 to 2^53 - 1'],
  [{ sampling: { table: 5 } }, 'sampling.table: expected a list, received 5'],
  [{ sampling: { table: [[1]] } }, 'sampling.table[0]: expected a list of 2 values, received [1]'],
  [{ attributes: [] }, 'attributes: expected an object, received []'],
  [{ strings: {} }, 'strings: expected a list, received {}'],
  [{ strings: ['a', 5] }, 'strings[1]: expected a string, received 5'],
  [{ frames: [5] }, 'frames[0]: expected a list of 5 values, received 5'],
  [{ frames: [FRAME.slice(1)] }, 'frames[0]: expected a list of 5 values'],
  [{ frames: changed(FRAME, 0, 99) }, 'frames[0][0]: expected a position in a table of 4, received 99'],
  [{ frames: changed(FRAME, 1, -1) }, 'frames[0][1]: expected a whole number'],
  [{ frames: changed(FRAME, 1, '__proto__') }, 'frames[0][1]: expected a number, received "__proto__"'],
  [{ frames: changed(FRAME, 2, 0.5) }, 'frames[0][2]: expected a whole number'],
  [{ frames: changed(FRAME, 4, 0) }, 'frames[0][4]: expected true or false, received 0'],
  [{ traces: [null] }, 'traces[0]: expected a list of 7 values, received null'],
  [{ traces: changed(ROW, 0, 2 ** 53) }, 'traces[0][0]: expected a whole number'],
  [
    { traces: changed(ROW, 1, 'disk') },
    'traces[0][1]: expected one of heap, arrayBuffer, native, received "disk"',
  ],
  [{ traces: changed(ROW, 2, 'no') }, 'traces[0][2]: expected true or false, received "no"'],
  [{ traces: changed(ROW, 3, 1e300) }, 'traces[0][3]: expected a number from 0 to 2^53 - 1, received 1e+300'],
  [{ traces: changed(ROW, 4, -1) }, 'traces[0][4]: expected a number from 0'],
  [{ traces: changed(ROW, 5, 1.5) }, 'traces[0][5]: expected a whole number'],
  [{ traces: changed(ROW, 6, {}) }, 'traces[0][6]: expected a list, received {}'],
  [{ traces: changed(ROW, 6, [0, 7]) }, 'traces[0][6][1]: expected a position in a table of 3, received 7'],
])('damage is found, and its place is named: %#', (change, message) => {
  expect(loading(change)).toThrow(failure('damaged-snapshot', message))
})

test('numbers that JSON cannot hold are damage as well', () => {
  const text = '{"heapproof":"snapshot","version":1,"strings":[],"frames":[],"traces":[],"time":1e999}'
  expect(loading(text)).toThrow(failure('damaged-snapshot', 'time: expected a number, received Infinity'))
})

test('bytes that are no UTF-8 are damage', () => {
  const path = dumped(SNAPSHOT)
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('cache.ts')] = 0xff
  writeFileSync(path, bytes)
  expect(() => Snapshot.load(path)).toThrow(failure('damaged-snapshot', 'bytes that are no UTF-8'))
})

test('a dump that was cut is damaged, wherever it was cut', () => {
  const path = dumped(SNAPSHOT)
  const whole = readFileSync(path, 'utf8').trimEnd()
  const beginning = whole.indexOf('"snapshot"') + '"snapshot"'.length
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole.slice(0, length))
    const code = length < beginning ? 'not-a-snapshot' : 'damaged-snapshot'
    expect(() => Snapshot.load(path)).toThrow(expect.objectContaining({ code }))
  }
})

/** A value, or a HeapproofError: anything else fails the test. */
function valueOrError(path: string): void {
  try {
    expect(Snapshot.load(path)).toBeInstanceOf(Snapshot)
  } catch (error) {
    if (!(error instanceof HeapproofError)) throw error
    expect(['not-a-snapshot', 'damaged-snapshot', 'unsupported-version']).toContain(error.code)
  }
}

test('any bytes end in a snapshot or in an error', () => {
  const path = join(folderWith(), 'any.json')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      writeFileSync(path, bytes)
      valueOrError(path)
    }),
  )
})

test('any change to a dump ends in a snapshot or in an error', () => {
  const path = dumped(SNAPSHOT, { note: 'a' })
  const whole = readFileSync(path)
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.nat(40),
      fc.string({ unit: 'binary', maxLength: 20 }),
      (at, gone, text) => {
        writeFileSync(
          path,
          Buffer.concat([whole.subarray(0, at), Buffer.from(text), whole.subarray(at + gone)]),
        )
        valueOrError(path)
      },
    ),
    { numRuns: 1000 },
  )
})

test('any JSON in any field ends in a snapshot or in an error', () => {
  const path = dumped(SNAPSHOT)
  const whole = JSON.parse(readFileSync(path, 'utf8'))
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (name, value) => {
      writeFileSync(path, JSON.stringify({ ...whole, [name]: value }))
      valueOrError(path)
    }),
    { numRuns: 1000 },
  )
})

test('lists as deep as a file can have them break nothing', () => {
  const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
  expect(loading(`{"heapproof":"snapshot","version":1,"strings":${deep}}`)).toThrow(
    failure('damaged-snapshot', 'strings[0]: expected a string'),
  )
  const attributes = `{"heapproof":"snapshot","version":1,"strings":[],"frames":[],"traces":[],"time":0,"sampling":{"interval":1},"tracebackLimit":1,"attributes":{"deep":${deep}}}`
  const loaded = loading(attributes)()
  expect(Array.isArray(loaded.attributes.deep)).toBe(true)
  // How deep JSON.stringify can go depends on the release of V8.
  try {
    expect(Snapshot.load(dumped(loaded)).traces).toEqual([])
  } catch (error) {
    expect(error).toEqual(failure('invalid-argument', 'that JSON can hold'))
  }
})

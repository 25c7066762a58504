import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { SourceText } from '../../../src/core/frames/source-text.js'
import { Traceback } from '../../../src/core/tracemalloc/traceback.js'
import type { Trace } from '../../../src/core/types.js'
import { folderWith } from '../../support/command-line.js'
import { frame, snapshotOf } from './snapshots.js'

/** From the oldest frame to the newest. */
function traceback(...frames: string[]): Traceback {
  return new Traceback(frames.map(frame))
}

const THREE = traceback('main.ts:1', 'cache.ts:2', 'cache.ts:3')

test('trace_format: a trace is its oldest frame and its size', () => {
  const [first] = snapshotOf([[30, 3, 'cache.ts:2 main.ts:4']]).traces
  expect(String(first)).toBe('main.ts:4: 30 B')
  expect(String(first?.traceback)).toBe('main.ts:4')
  expect(first?.traceback).toBe(first?.traceback)
})

test('a traceback goes from the oldest call to the newest', () => {
  const [entry] = snapshotOf([[1, 1, 'leaf.ts:1 middle.ts:2 root.ts:3']]).traces
  expect(entry?.traceback.frames.map(({ file }) => file)).toEqual(['root.ts', 'middle.ts', 'leaf.ts'])
})

test('slices: length, index from both ends, slice, iteration, and whether a frame is in it', () => {
  expect(THREE.length).toBe(3)
  expect([THREE.at(0), THREE.at(-1), THREE.at(3), THREE.at(-4)].map((one) => one?.line)).toEqual([
    1,
    3,
    undefined,
    undefined,
  ])
  expect(THREE.slice(0, 2)).toEqual([frame('main.ts:1'), frame('cache.ts:2')])
  expect(THREE.slice(-1)).toEqual([frame('cache.ts:3')])
  expect(THREE.slice()).toEqual([...THREE])
  expect(THREE.includes(frame('cache.ts:2'))).toBe(true)
  expect(THREE.includes(frame('cache.ts:1'))).toBe(false)
})

test('snapshot.traces are a list: length, index, slice', () => {
  const { traces } = snapshotOf([
    [30, 1, 'a:1'],
    [20, 1, 'b:1'],
    [10, 1, 'c:1'],
  ])
  expect([traces.length, traces.at(0)?.bytes, traces.at(-1)?.bytes]).toEqual([3, 30, 10])
  expect(traces.slice(0, 2).map(String)).toEqual(['a:1: 30 B', 'b:1: 20 B'])
})

test('equality and order: frame by frame from the oldest, by file, line, column, function; then by length', () => {
  const ascending = [
    traceback('a.ts:1'),
    traceback('a.ts:1', 'a.ts:1'),
    traceback('a.ts:2'),
    traceback('a.ts:2:1'),
    traceback('f@a.ts:2:1'),
    traceback('a.ts:10'),
    traceback('b.ts:1'),
  ]
  for (const [i, left] of ascending.entries()) {
    for (const [j, right] of ascending.entries()) {
      expect(Math.sign(left.compare(right))).toBe(Math.sign(i - j))
      expect(left.equals(right)).toBe(i === j)
    }
  }
  expect(new Traceback([frame('a.ts:1')], true).equals(traceback('a.ts:1'))).toBe(true)
})

test('a traceback never changes', () => {
  const frames = [frame('a.ts:1')]
  const own = new Traceback(frames)
  frames.push(frame('b.ts:1'))
  expect(own.length).toBe(1)
  expect(() => (own.frames as unknown[]).push(1)).toThrow(TypeError)
  expect(() => Object.assign(own, { truncated: true })).toThrow(TypeError)
})

test('TestTraceback.repr: shown, it has its frames, and tells whether there were more', () => {
  expect(inspect(new Traceback([]))).toBe('Traceback { frames: [], truncated: false }')
  expect(inspect(new Traceback([frame('a.ts:7')], true))).toMatch(/^Traceback .*'a\.ts'.*7.*truncated: true/s)
})

test('built-in functions have no file, and are left out, as functions in C are in Python', () => {
  const trace: Trace = {
    index: 1,
    domain: 'heap',
    frames: ['push@', 'add@list.ts:3', 'forEach@', 'main@main.ts:1'].map(frame),
    truncated: true,
  }
  expect(Traceback.of(trace).frames.map((one) => one.function)).toEqual(['main', 'add'])
  expect(Traceback.of(trace).truncated).toBe(true)
})

test.each([
  ['without frames', ''],
  ['of built-in functions alone', 'map@ forEach@'],
])('no_incomplete_frames: a stack %s has one frame, which is unknown', (_, stack) => {
  const [entry] = snapshotOf([[7, 1, stack]]).traces
  expect(String(entry)).toBe('<unknown>:0: 7 B')
  expect(entry?.traceback.length).toBe(1)
})

test('as text it is the oldest frame of the program: what Node does below it is in every stack', () => {
  expect(String(traceback('node:internal/main', 'node:internal/modules', 'app.ts:3', 'lib.ts:9'))).toBe(
    'app.ts:3',
  )
  expect(String(traceback('node:internal/timers:5', 'node:fs:7'))).toBe('node:internal/timers:5')
  expect(String(new Traceback([]))).toBe('<unknown>:0')
})

const LIMITS: [limit: number | undefined, lines: number[]][] = [
  [undefined, [1, 2, 3]],
  [1, [3]],
  [2, [2, 3]],
  [3, [1, 2, 3]],
  [99, [1, 2, 3]],
  [0, []],
  [-1, [1, 2]],
  [-2, [1]],
  [-3, []],
  [-99, []],
]

test.each(LIMITS)('format_traceback: with a limit of %s, the lines %j', (limit, lines) => {
  const folder = folderWith()
  const own = traceback('a.ts:1', 'a.ts:2', 'a.ts:3')
  const expected = lines.map((line) => `  File "a.ts", line ${line}`)
  expect(own.format(limit, false, folder)).toEqual(expected)
  expect(own.format(limit, true, folder)).toEqual(expected.reverse())
})

test('format_traceback: the text of a line stands below its frame, without the space around it', () => {
  const folder = folderWith({ 'a.ts': 'function f() {\n    return new Map() \n}\n\n' })
  const file = join(folder, 'a.ts')
  const own = new Traceback([1, 2, 4, 9].map((line) => ({ ...frame(''), file, line })))
  expect(own.format(undefined, false, folder)).toEqual([
    `  File "${file}", line 1`,
    '    function f() {',
    `  File "${file}", line 2`,
    '    return new Map()',
    `  File "${file}", line 4`,
    `  File "${file}", line 9`,
  ])
  expect(own.format(-2, true, folder).slice(1)).toEqual([
    '    return new Map()',
    `  File "${file}", line 1`,
    '    function f() {',
  ])
})

test('a minified line is cut', () => {
  const folder = folderWith({ 'a.js': 'x'.repeat(1_000_000) })
  expect(traceback('a.js:1').format(1, false, folder)[1]).toBe(`    ${'x'.repeat(200)}...`)
})

test('a profile from a stranger shows no file outside of the root', () => {
  const folder = folderWith({ 'secret.txt': 'secret' })
  const root = join(folder, 'project')
  mkdirSync(root)
  symlinkSync('../secret.txt', join(root, 'link.ts'))
  writeFileSync(join(root, 'own.ts'), 'own')
  const files = ['../secret.txt', join(folder, 'secret.txt'), 'link.ts', '/etc/passwd', 'node:fs', 'own.ts']
  const own = new Traceback(files.map((file) => ({ ...frame(''), file, line: 1 })))
  const lines = own.format(undefined, false, root)
  expect(lines).toHaveLength(files.length + 1)
  expect(lines.at(-1)).toBe('    own')
})

test('the root is the working folder unless another is given; a SourceText is used as it is', () => {
  const here = import.meta.filename
  const own = new Traceback([{ ...frame(''), file: here, line: 1 }])
  expect(own.format()[1]).toBe("    import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'")
  const elsewhere = new SourceText(folderWith())
  expect(own.format(undefined, false, elsewhere)).toHaveLength(1)
})

test.each([1.5, Number.NaN, '1', null])('a limit of %s is refused', (limit) => {
  expect(() => THREE.format(limit as number)).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: expect.stringMatching(/^format: limit must be a whole number of frames, received /),
    }),
  )
})

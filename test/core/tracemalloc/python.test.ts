import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DomainFilter, Filter } from '../../../src/core/tracemalloc/filter.js'
import { fnmatch } from '../../../src/core/tracemalloc/fnmatch.js'
import { formatTraceSize } from '../../../src/core/tracemalloc/format-size.js'
import type { Snapshot } from '../../../src/core/tracemalloc/snapshot.js'
import { DOMAINS } from '../../../src/core/types.js'
import { snapshotOf, type TraceSpec, texts } from './snapshots.js'

// The same questions to Python's own tracemalloc: its answers are what ours are to be.

const python = spawnSync('python3', ['-c', 'import tracemalloc'], { encoding: 'utf8' })
const testWithPython = test.skipIf(python.status !== 0)

/** Runs a program of Python with `json` on its input, and gives what it prints as JSON. */
function ask(program: string, json: unknown): unknown {
  const input = JSON.stringify(json)
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout)
}

interface Stack {
  readonly domain: number
  readonly size: number
  /** The newest first, no place twice: Python counts recursion more than once. */
  readonly frames: readonly (readonly [file: string, line: number])[]
}

const place = fc.tuple(fc.constantFrom('a.py', 'b.py', 'c/d.py', 'Z.py', 'a'), fc.nat(3))
const stack: fc.Arbitrary<Stack> = fc.record({
  domain: fc.nat(2),
  size: fc.oneof(fc.nat(100), fc.nat(20_000), fc.nat(2 ** 30), fc.constant(0)),
  frames: fc.uniqueArray(place, { minLength: 1, maxLength: 4, selector: ([file]) => file }),
})
const filter = fc.record({
  inclusive: fc.boolean(),
  pattern: fc.option(fc.constantFrom('*', 'a.py', '?.py', '*d.py', '[!a]*', '[a-b].py', 'A.PY'), {
    nil: null,
  }),
  lineno: fc.option(fc.nat(3), { nil: null }),
  allFrames: fc.boolean(),
  domain: fc.nat(2),
  inDomain: fc.boolean(),
})
const question = fc.record({
  old: fc.array(stack, { maxLength: 8 }),
  now: fc.array(stack, { maxLength: 8 }),
  filters: fc.array(filter, { maxLength: 3 }),
  limit: fc.integer({ min: -5, max: 5 }),
  mostRecentFirst: fc.boolean(),
})
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

const PROGRAM = `
import json, sys
from tracemalloc import Snapshot, Filter, DomainFilter

def snapshot(stacks):
    traces = [(s['domain'], s['size'], tuple(map(tuple, s['frames'])), len(s['frames'])) for s in stacks]
    return Snapshot(traces, 128)

def make(f):
    if f['pattern'] is None:
        return DomainFilter(f['inclusive'], f['domain'])
    domain = f['domain'] if f['inDomain'] else None
    return Filter(f['inclusive'], f['pattern'], f['lineno'], f['allFrames'], domain)

def answer(q):
    old, now = snapshot(q['old']), snapshot(q['now'])
    out = {}
    for key in ('traceback', 'filename', 'lineno'):
        out[key] = [str(s) for s in now.statistics(key)]
        out[key + ' diff'] = [str(s) for s in now.compare_to(old, key)]
        if key != 'traceback':
            out[key + ' cumulative'] = [str(s) for s in now.statistics(key, True)]
            out[key + ' cumulative diff'] = [str(s) for s in now.compare_to(old, key, True)]
    out['left'] = sorted(t.size for t in now.filter_traces([make(f) for f in q['filters']]).traces)
    out['format'] = [s.traceback.format(q['limit'], q['mostRecentFirst']) for s in now.statistics('traceback')]
    return out

json.dump([answer(q) for q in json.load(sys.stdin)], sys.stdout)
`

function ours(stacks: readonly Stack[]): Snapshot {
  return snapshotOf(
    stacks.map(({ domain, size, frames }): TraceSpec => {
      const text = frames.map(([file, line]) => `${file}:${line}`).join(' ')
      return [size, 1, text, DOMAINS[domain]]
    }),
  )
}

function answer({ old, now, filters, limit, mostRecentFirst }: Question): unknown {
  const [before, after] = [ours(old), ours(now)]
  const list = filters.map(({ inclusive, pattern, lineno, allFrames, domain, inDomain }) => {
    const name = DOMAINS[domain] as (typeof DOMAINS)[number]
    if (pattern === null) return new DomainFilter(inclusive, name)
    return new Filter(inclusive, pattern, {
      allFrames,
      ...(lineno !== null && { lineno }),
      ...(inDomain && { domain: name }),
    })
  })
  const cumulative = { cumulative: true }
  return {
    traceback: texts(after.statistics('traceback')),
    'traceback diff': texts(after.compareTo(before, 'traceback')),
    filename: texts(after.statistics('filename')),
    'filename diff': texts(after.compareTo(before, 'filename')),
    'filename cumulative': texts(after.statistics('filename', cumulative)),
    'filename cumulative diff': texts(after.compareTo(before, 'filename', cumulative)),
    lineno: texts(after.statistics('lineno')),
    'lineno diff': texts(after.compareTo(before, 'lineno')),
    'lineno cumulative': texts(after.statistics('lineno', cumulative)),
    'lineno cumulative diff': texts(after.compareTo(before, 'lineno', cumulative)),
    left: after
      .filterTraces(list)
      .traces.map(({ bytes }) => bytes)
      .sort((a, b) => a - b),
    format: after.statistics('traceback').map(({ traceback }) => traceback.format(limit, mostRecentFirst)),
  }
}

testWithPython('statistics, comparisons, filters and tracebacks are those of Python, line by line', () => {
  const questions = fc.sample(question, 500)
  const answers = ask(PROGRAM, questions) as unknown[]
  expect(answers).toHaveLength(500)
  for (const [at, one] of questions.entries()) {
    expect({ question: one, answer: answer(one) }).toEqual({ question: one, answer: answers[at] })
  }
})

testWithPython('sizes are printed as Python prints them', () => {
  const size = fc.oneof(
    fc.integer({ min: -20_000, max: 20_000 }),
    fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
    fc.maxSafeInteger(),
    fc.integer({ min: 0, max: 1000 }).map((quarters) => quarters * 256), // ties, in KiB
    fc.integer({ min: 1, max: 2 ** 24 }).map((count) => count / 16),
  )
  const sizes = fc.sample(size, 5000)
  const program = `
import json, sys, tracemalloc
sizes = json.load(sys.stdin)
json.dump([[tracemalloc._format_size(s, False), tracemalloc._format_size(s, True)] for s in sizes], sys.stdout)`
  expect(sizes.map((bytes) => [formatTraceSize(bytes), formatTraceSize(bytes, true)])).toEqual(
    ask(program, sizes),
  )
})

testWithPython('patterns match what they match in Python', () => {
  const textOf = (chars: string, maxLength: number) =>
    fc.array(fc.constantFrom(...chars), { maxLength }).map((parts) => parts.join(''))
  const anything = fc.tuple(textOf('*?[]!-abc/.\\^é😀', 7), textOf('abc/.\\^é😀', 4))
  const sets = fc.tuple(textOf('[[[]]]!!--abc*', 8), textOf('[]!-abc', 3))
  // CPython takes a ! behind an empty range for the one that negates, as in [b-a!c].
  const quirk = /\[(?:.-.)+!/su
  const pairs = fc.sample(fc.oneof(anything, sets), 20_000).filter(([pattern]) => !quirk.test(pattern))
  const program = `
import fnmatch, json, sys
json.dump([fnmatch.fnmatchcase(name, pattern) for pattern, name in json.load(sys.stdin)], sys.stdout)`
  const theirs = ask(program, pairs) as boolean[]
  const own = pairs.map(([pattern, name]) => fnmatch(pattern, 'linux')(name))
  const different = pairs.filter((_, at) => own[at] !== theirs[at])
  expect(different).toEqual([])
  expect(own.filter(Boolean).length).toBeGreaterThan(100)
})

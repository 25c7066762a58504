import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestRecord } from '../../../src/core/bracket/record.js'
import { compareRuns, type RunComparison } from '../../../src/core/compare/compare-runs.js'
import type { TestOutcome } from '../../../src/core/report/outcome.js'
import { folderWith } from '../../support/command-line.js'
import { limit, outcome, site } from '../report/outcomes.js'
import { ENVIRONMENT, settled, writeReport } from './reports.js'

const MB = 1_000_000

function compare(
  base: readonly TestOutcome[],
  head: readonly TestOutcome[],
  isSettled = true,
): RunComparison {
  const folder = folderWith()
  const as = (outcomes: readonly TestOutcome[]) => (isSettled ? settled(outcomes) : outcomes)
  return compareRuns(writeReport(join(folder, 'base'), as(base)), writeReport(join(folder, 'head'), as(head)))
}

/** The only change of the only test. */
function changeOf(base: Partial<TestRecord>, head: Partial<TestRecord>, isSettled = true) {
  return compare([outcome('a', base)], [outcome('a', head)], isSettled).tests[0]?.changes[0]
}

test('a change is told by what it is at least', () => {
  const change = changeOf({ allocated: 10 * MB }, { allocated: 15 * MB })
  expect(change).toMatchObject({ quantity: 'allocated', base: 10 * MB, head: 15 * MB })
  // 15 MB less 10 % and 64 KiB, to 10 MB and 10 % and 64 KiB.
  expect(change?.atLeast).toBeCloseTo((15e6 / 1.1 - 65536) / (10e6 * 1.1 + 65536) - 1, 10)
  expect(changeOf({ allocated: 15 * MB }, { allocated: 10 * MB })?.atLeast).toBeCloseTo(
    (10e6 * 1.1 + 65536) / (15e6 / 1.1 - 65536) - 1,
    10,
  )
})

test('what another run of the same code may do is no change', () => {
  for (const [base, head, isSettled] of [
    [10 * MB, 10 * MB, true],
    [10 * MB, 10.9 * MB, true],
    [0, 140_000, true],
    [10 * MB, 25 * MB, false],
    [25 * MB, 10 * MB, false],
  ] as const) {
    expect(changeOf({ allocated: base }, { allocated: head }, isSettled)?.atLeast, `${base} ${head}`).toBe(0)
  }
  expect(changeOf({ allocated: 10 * MB }, { allocated: 27 * MB })?.atLeast).toBeGreaterThan(0)
  expect(changeOf({ allocated: 0 }, { allocated: 150_000 })?.atLeast).toBeGreaterThan(0)
})

test('a disturbed count is taken for what it is: somewhere in its range', () => {
  const disturbed = (allocated: number): Partial<TestRecord> => ({
    allocated,
    certainty: 'approximate',
    reason: 'V8 was collecting the whole heap',
    ranges: { allocated: [allocated - 524_288, allocated + 524_288] },
  })
  expect(changeOf({ allocated: MB }, disturbed(1.8 * MB))?.atLeast).toBe(0)
  expect(changeOf({ allocated: MB }, disturbed(2.1 * MB))?.atLeast).toBeGreaterThan(0)
  expect(changeOf({ allocated: MB }, { allocated: 1.8 * MB })?.atLeast).toBeGreaterThan(0)
})

test('compares every quantity that both runs know', () => {
  const { tests } = compare(
    [outcome('a', { retained: 0, peak: 5 * MB, native: MB })],
    [outcome('a', { retained: MB, peak: 9 * MB, ranges: { peak: [9 * MB, 9.1 * MB] } })],
  )
  expect(tests[0]?.changes.map(({ quantity, atLeast }) => [quantity, atLeast > 0.1])).toEqual([
    ['allocated', false],
    ['retained', true],
    ['peak', true],
  ])
  // V8 itself keeps up to 64 KiB.
  expect(
    compare([outcome('a', { retained: 0 })], [outcome('a', { retained: 100_000 })]).tests[0]?.changes[1],
  ).toMatchObject({
    quantity: 'retained',
    atLeast: 0,
  })
})

test('finds new, removed and moved tests, and tells those of one name apart', () => {
  const file = (name: string) => ({ file: name })
  const { tests, added, removed } = compare(
    [
      outcome('same'),
      outcome('moved', {}, file('test/old.test.ts')),
      outcome('gone'),
      outcome('each', { allocated: MB }),
      outcome('each', { allocated: 2 * MB }),
    ],
    [
      outcome('same'),
      outcome('moved', {}, file('test/new.test.ts')),
      outcome('new', { allocated: 7 }),
      outcome('each', { allocated: MB }),
      outcome('each', { allocated: 2 * MB }),
    ],
  )
  expect(tests.map(({ name, movedFrom }) => [name, movedFrom]).sort()).toEqual([
    ['each', undefined],
    ['each', undefined],
    ['moved', 'test/old.test.ts'],
    ['same', undefined],
  ])
  expect(tests.every(({ changes }) => changes[0]?.base === changes[0]?.head)).toBe(true)
  expect(added).toMatchObject([{ name: 'new', allocated: 7 }])
  expect(removed).toMatchObject([{ name: 'gone' }])
})

test('tests of one name in several files have not moved', () => {
  const at = (file: string) => outcome('works', {}, { file })
  const { tests, added, removed } = compare(
    [at('a.test.ts'), at('b.test.ts')],
    [at('c.test.ts'), at('d.test.ts')],
  )
  expect([tests.length, added.length, removed.length]).toEqual([0, 2, 2])
})

test('says which tests cannot be compared, and why', () => {
  const unknown: Partial<TestRecord> = { certainty: 'unknown', reason: 'other tests ran at the same time' }
  const failed = { state: 'failed' } as const
  const { tests, incomparable } = compare(
    [
      outcome('beside'),
      outcome('in a browser'),
      outcome('broken now'),
      outcome('broken before', {}, failed),
      outcome('over its limit', {}, failed),
      outcome('left out'),
    ],
    [
      outcome('beside', unknown),
      outcome('in a browser', null),
      outcome('broken now', {}, failed),
      outcome('broken before'),
      outcome('over its limit', { limits: [limit({ verdict: 'exceeded' })] }, failed),
      outcome('left out', {}, { state: 'skipped' }),
    ],
  )
  expect(incomparable.map(({ name, reason }) => [name, reason])).toEqual([
    ['beside', 'now it could not be measured: other tests ran at the same time'],
    ['in a browser', 'now nothing was measured: they ran where heapproof does not count'],
    ['broken now', 'it failed now'],
    ['broken before', 'it failed before'],
    ['over its limit', 'it failed before'],
  ])
  expect(tests).toEqual([])
  const exceeded = outcome('a', { limits: [limit({ verdict: 'exceeded' })] }, failed)
  expect(compare([exceeded], [exceeded]).tests).toHaveLength(1)
})

test('numbers of other environments are not compared, those of the same one are', () => {
  const folder = folderWith()
  const [a, b] = [outcome('a', { allocated: MB }), outcome('a', { allocated: 3 * MB })]
  const on = (node: string) => ({ ...ENVIRONMENT, node })
  const base = writeReport(join(folder, 'base/20'), [a], on('20.19.4'))
  const head = writeReport(join(folder, 'head/20'), [a], on('20.20.0'))
  writeReport(join(folder, 'head/24'), [b], on('24.11.1'))
  const both = compareRuns(join(folder, 'base'), join(folder, 'head'))
  expect(both.tests).toMatchObject([
    { environment: expect.stringContaining('Node 20'), changes: [{ atLeast: 0 }] },
  ])
  expect([both.added.length, both.removed.length, both.incomparable.length]).toEqual([0, 0, 0])
  const none = compareRuns(base, join(folder, 'head/24'))
  expect(none.tests).toEqual([])
  expect(none.incomparable).toMatchObject([
    {
      reason:
        'before it ran in Node 20 on linux x64, vitest 4, heapproof 0.1.0; now in Node 24 on linux x64, ' +
        'vitest 4, heapproof 0.1.0',
    },
  ])
  expect(compareRuns(head, base).tests).toHaveLength(1)
})

test('repetitions make a comparison sharper, copies do not', () => {
  const folder = folderWith()
  const path = (side: string, run: number) => join(folder, side, String(run))
  for (let run = 0; run < 4; run++) {
    writeReport(path('base', run), [outcome('a', { allocated: (10 + run / 10) * MB })], ENVIRONMENT)
    writeReport(path('head', run), [outcome('a', { allocated: (20 + run / 10) * MB })], ENVIRONMENT)
  }
  const atLeast = (base: string, head: string) => compareRuns(base, head).tests[0]?.changes[0]?.atLeast
  expect(atLeast(path('base', 0), path('head', 0))).toBe(0)
  expect(atLeast(join(folder, 'base'), join(folder, 'head'))).toBeGreaterThan(0.1)
  for (const side of ['base', 'head'])
    for (let copy = 0; copy < 4; copy++) {
      cpSync(path(side, 0), join(folder, 'copies', side, String(copy)), { recursive: true })
    }
  expect(atLeast(join(folder, 'copies/base'), join(folder, 'copies/head'))).toBe(0)
})

test('shards are one run', () => {
  const folder = folderWith()
  const of = (file: string, allocated: number) =>
    outcome('works', { allocated }, { file: `test/${file}.test.ts` })
  for (const [side, factor] of [
    ['base', 1],
    ['head', 2],
  ] as const)
    for (const [index, file] of ['a', 'b', 'c'].entries()) {
      writeReport(join(folder, side, `shard-${index}`), settled([of(file, factor * MB)]))
    }
  const { tests, allocated } = compareRuns(join(folder, 'base'), join(folder, 'head'))
  expect(tests).toHaveLength(3)
  expect(allocated).toEqual({ base: 3 * MB, head: 6 * MB })
})

test('names the lines of tests that changed, when the difference is none of chance', () => {
  const run = (parse: number, add: number, allocated: number) =>
    outcome('a', {
      allocated,
      samplingInterval: 131_072,
      sites: [site({ self: parse }), site({ function: 'add', file: 'src/cache.ts', line: 9, self: add })],
    })
  const other = outcome('unchanged', { samplingInterval: 131_072, sites: [site({ self: 90 * MB })] })
  const { lines } = compare(
    [
      run(8 * MB, 8 * MB, 16 * MB),
      outcome('unchanged', { samplingInterval: 131_072, sites: [site({ self: 9 * MB })] }),
    ],
    [run(16 * MB, 9 * MB, 25 * MB), other],
  )
  expect(lines.grew).toEqual([
    {
      function: 'parseRow',
      file: 'src/feed.ts',
      line: 23,
      column: 11,
      domain: 'heap',
      base: 8 * MB,
      head: 16 * MB,
    },
  ])
  expect(lines.shrank).toEqual([])
  const back = compare([run(16 * MB, 0, 25 * MB)], [run(8 * MB, 0, 8 * MB)])
  expect(back.lines.shrank).toMatchObject([{ base: 16 * MB, head: 8 * MB }])
})

test('a line that there was no room for may have had as much as the lightest that is named', () => {
  const ten = Array.from({ length: 10 }, (_, index) => site({ function: `f${index}`, self: 20 * MB }))
  const base = outcome('a', { allocated: 200 * MB, samplingInterval: 1024, sites: ten })
  const more = (self: number) =>
    outcome('a', {
      allocated: 300 * MB,
      samplingInterval: 1024,
      sites: [...ten.slice(1), site({ function: 'g', self })],
    })
  expect(compare([base], [more(20 * MB)]).lines.grew).toEqual([])
  expect(compare([base], [more(40 * MB)]).lines.grew).toMatchObject([
    { function: 'g', base: 0, head: 40 * MB },
  ])
})

test('a line that moves within its function has not changed', () => {
  const at = (line: number, allocated: number) =>
    outcome('a', { allocated, samplingInterval: 1024, sites: [site({ line, self: 8 * MB })] })
  const { lines } = compare([at(3, 8 * MB)], [at(30, 80 * MB)])
  expect(lines).toEqual({ grew: [], shrank: [] })
})

test('refuses what is no threshold', () => {
  for (const threshold of [-1, 101, Number.NaN, '10%'])
    expect(() => compareRuns('a', 'b', { threshold } as never)).toThrow(
      'compareRuns(): threshold must be a number from 0 to 100, such as 0.1',
    )
  expect(() => compareRuns('a', 'b', { treshold: 1 } as never)).toThrow('did you mean "threshold"?')
})

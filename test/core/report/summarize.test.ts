import fc from 'fast-check'
import { expect, test } from 'vitest'
import { properties } from '../../../src/core/report/properties.js'
import { readRecord } from '../../../src/core/report/read-record.js'
import { reported } from '../../../src/core/report/rebase.js'
import { anyOutcome, anyRecord, FULL, limit, outcome, ROOT, record, site, summaryOf } from './outcomes.js'

test('sums lines by function, file, line and domain, and tells how well they are known', () => {
  const { lines } = summaryOf([
    outcome('a', {
      samplingInterval: 100,
      sites: [site({ self: 10_000, total: 15_000, live: 10, column: 1 })],
    }),
    outcome('b', {
      samplingInterval: 100,
      sites: [
        site({ self: 30_000, total: 35_000, column: 2 }),
        site({ self: 20_000, domain: 'arrayBuffer' }),
        site({ self: 5_000, line: 24 }),
        site({ self: 1_000, function: '__proto__', file: '__proto__' }),
      ],
    }),
  ])
  expect(lines.map(({ function: name, line, domain, self }) => [name, line, domain, self])).toEqual([
    ['parseRow', 23, 'heap', 40_000],
    ['parseRow', 23, 'arrayBuffer', 20_000],
    ['parseRow', 24, 'heap', 5_000],
    ['__proto__', 23, 'heap', 1_000],
  ])
  // √(40,000 · 100) is 2,000, a twentieth of 40,000. The column is that of the heavier test.
  expect(lines[0]).toMatchObject({ total: 50_000, live: 10, tests: 2, column: 2, error: 0.05 })
})

test('knows no error of lines when nobody said how they were sampled', () => {
  expect(summaryOf([outcome('a', { sites: [site()] })]).lines[0]?.error).toBeUndefined()
})

test('leaves out what ran beside other tests: their samples are in each other', () => {
  const { lines, allocated, measured, unmeasured } = summaryOf(FULL)
  expect(measured.map(({ name }) => name)).not.toContain('beside another')
  expect(allocated).toBe(412_345_678 + 80_000_000 + 12_000)
  expect(lines[0]?.self).toBe(220_000_000)
  expect(unmeasured).toEqual([
    { reason: 'other tests ran at the same time', tests: 1 },
    { reason: 'they ran where heapproof does not count', tests: 1 },
  ])
})

test('a test that was skipped half-way is not measured, and nobody misses it', () => {
  const { measured, unmeasured } = summaryOf([outcome('a', {}, { state: 'skipped' })])
  expect([measured, unmeasured]).toEqual([[], []])
})

test('notes limits: exceeded ones, those nobody can judge, those of which nine tenths are used', () => {
  const limits = [
    limit({ limit: 100, measured: 89 }),
    limit({ limit: 100, measured: 90 }),
    limit({ limit: 100, measured: 99 }),
    limit({ limit: 0, measured: 0 }),
    limit({ limit: 100, measured: undefined, verdict: 'cannot-tell' }),
    limit({ limit: 100, measured: 300, verdict: 'exceeded' }),
    limit({ limit: 0, measured: 1, verdict: 'exceeded' }),
    limit({ limit: 0, measured: 2, verdict: 'exceeded' }),
  ]
  const standings = (state: 'passed' | 'failed') => {
    const noted = summaryOf([outcome('a', { limits }, { state })]).limits
    return noted.map(({ standing, limit: { measured } }) => [standing, measured])
  }
  const exceeded = [
    ['exceeded', 1],
    ['exceeded', 2],
    ['exceeded', 300],
  ]
  const near = [
    ['near', 99],
    ['near', 90],
  ]
  expect(standings('failed')).toEqual([...exceeded, ['cannot tell', undefined], ...near])
  expect(standings('passed')).toEqual([...exceeded, ...near, ['cannot tell', undefined]])
})

test('blames the line of the project that has most of what the limit is about', () => {
  const sites = [
    site({ file: 'node_modules/dependency/index.js', self: 900 }),
    site({ file: 'node:buffer', self: 800 }),
    site({ file: '/elsewhere/a.ts', self: 700 }),
    site({ file: '../beside/a.ts', self: 700 }),
    site({ file: 'src/native.ts', self: 650, domain: 'native' }),
    site({ file: 'src/most.ts', self: 600, live: 1 }),
    site({ file: 'src/kept.ts', self: 500, live: 500 }),
  ]
  const blamed = (
    kind: 'allocated' | 'retained' | 'peak' | 'native',
    certainty = 'exact' as 'exact' | 'unknown',
  ) => {
    const limits = [limit({ kind, verdict: 'exceeded' })]
    return summaryOf([outcome('a', { limits, sites, certainty })]).limits[0]?.site?.file
  }
  expect(blamed('allocated')).toBe('src/most.ts')
  expect(blamed('retained')).toBe('src/kept.ts')
  expect(blamed('peak')).toBe('src/kept.ts')
  expect(blamed('native')).toBe('src/native.ts')
  expect(blamed('allocated', 'unknown')).toBeUndefined() // they may be of a test that ran beside
})

test('makes all paths relative to one root', () => {
  const from = '/project/packages/a'
  const files = ['src/x.ts', '/project/src/y.ts', 'node:fs', 'file:///z.ts', '/other/w.ts', '']
  const given = outcome(
    'a',
    { sites: files.map((file) => site({ file })), profile: '.heapproof/t/a' },
    { root: from, file: `${from}/t.test.ts` },
  )
  const { file, record: found } = reported(given, ROOT)
  expect(file).toBe('packages/a/t.test.ts')
  expect(found?.profile).toBe('packages/a/.heapproof/t/a')
  expect(found?.sites.map((each) => each.file)).toEqual([
    'packages/a/src/x.ts',
    'src/y.ts',
    'node:fs',
    'file:///z.ts',
    '/other/w.ts',
    '',
  ])
})

test('reads records that went through JSON', () => {
  fc.assert(
    fc.property(anyRecord, (given) => {
      expect(readRecord(JSON.parse(JSON.stringify(given)))).toEqual(JSON.parse(JSON.stringify(given)))
    }),
  )
})

test('takes nothing for a record that is none', () => {
  const broken: unknown[] = [
    undefined,
    null,
    'record',
    { ...record(), version: 2 },
    { ...record(), allocated: 'much' },
    { ...record(), allocated: null },
    { ...record(), certainty: 'sure' },
    { ...record(), limits: undefined },
    { ...record(), limits: [{ kind: 'allocated' }] },
    { ...record(), sites: [{ ...site(), domain: 'disk' }] },
    { ...record(), sites: [null] },
  ]
  for (const value of broken) expect(readRecord(value), JSON.stringify(value)).toBeUndefined()
  const { unmeasured } = summaryOf([outcome('a', null, { record: { version: 2 } })])
  expect(unmeasured[0]?.reason).toBe('what was measured is in the form of another version of heapproof')
})

test('sums up whatever it is given', () => {
  fc.assert(
    fc.property(fc.array(anyOutcome, { maxLength: 20 }), (outcomes) => {
      const { measured, unmeasured } = summaryOf(outcomes)
      const ran = outcomes.filter(({ state }) => state !== 'skipped').length
      expect(measured.length + unmeasured.reduce((sum, { tests }) => sum + tests, 0)).toBe(ran)
    }),
  )
})

test('gives properties for programs: bytes, and how sure they are', () => {
  expect(properties(record({ allocated: 12, peak: 34, profile: '.heapproof/a' }))).toEqual([
    { name: 'heapproof.allocated', value: '12' },
    { name: 'heapproof.peak', value: '34' },
    { name: 'heapproof.certainty', value: 'exact' },
    { name: 'heapproof.profile', value: '.heapproof/a' },
  ])
  expect(properties(record({ certainty: 'unknown' }))).toEqual([
    { name: 'heapproof.certainty', value: 'unknown' },
  ])
  expect(properties(undefined)).toEqual([])
})

import { describe, expect, test } from 'vitest'
import { nearest } from '../../../src/core/text/nearest.js'
import { boolean, checkOptions, integer, text } from '../../../src/core/text/options.js'
import { show } from '../../../src/core/text/show.js'
import { table } from '../../../src/core/text/table.js'

describe('checkOptions', () => {
  const rules = { runs: integer(1, 10), sample: boolean, fileBase: text }
  const check = (given: unknown) => checkOptions('measure', given as Record<string, never>, rules)

  test('returns good options, and none as an empty object', () => {
    const given = { runs: 1, sample: false, fileBase: 'base' }
    expect(check(given)).toBe(given)
    expect(check({ runs: undefined })).toEqual({ runs: undefined })
    expect(check(undefined)).toEqual({})
  })

  test.each([
    [{ run: 1 }, 'measure: unknown option "run"; did you mean "runs"?'],
    [{ filebase: 'x' }, 'measure: unknown option "filebase"; did you mean "fileBase"?'],
    [{ colour: 1 }, 'measure: unknown option "colour"; it has runs, sample, fileBase'],
    [{ toString: 1 }, 'measure: unknown option "toString"; it has runs, sample, fileBase'],
    [{ runs: 0 }, 'measure: runs must be a whole number from 1 to 10, received 0'],
    [{ runs: 1.5 }, 'measure: runs must be a whole number from 1 to 10, received 1.5'],
    [{ runs: '3' }, 'measure: runs must be a whole number from 1 to 10, received "3"'],
    [{ sample: 'no' }, 'measure: sample must be true or false, received "no"'],
    [{ fileBase: '' }, 'measure: fileBase must be a string that is not empty, received ""'],
    [3, 'measure: expected an object with options, received 3'],
    [null, 'measure: expected an object with options, received null'],
    [['runs'], 'measure: expected an object with options, received ["runs"]'],
  ])('refuses %j', (given, message) => {
    expect(() => check(given)).toThrow(expect.objectContaining({ code: 'invalid-argument', message }))
  })

  test('says so when there are no options at all', () => {
    expect(() => checkOptions('heapproof()', { root: '.' }, {} as never)).toThrow(
      'unknown option "root"; it has no options',
    )
  })
})

test('nearest finds what was meant, and nothing when nothing is near', () => {
  const names = ['warmup', 'runs', 'sample', 'samplingInterval']
  expect(nearest('warmUp', names)).toBe('warmup')
  expect(nearest('samplingInteval', names)).toBe('samplingInterval')
  expect(nearest('sampels', names)).toBe('sample')
  expect(nearest('timeout', names)).toBeUndefined()
  expect(nearest('', [])).toBeUndefined()
})

test('show gives one line, and never throws', () => {
  expect(show('5MB')).toBe('"5MB"')
  expect(show({ a: [1, 2], b: { c: {} } })).toBe('{"a": [1, 2], "b": {"c": [Object]}}')
  expect(show('a\n  b')).toBe('"a b"')
  expect(show('x'.repeat(200))).toHaveLength(80)
  const hostile = {
    get trap(): never {
      throw new Error('do not look')
    },
  }
  expect(show(hostile)).toBe('[object Object]')
})

test('table aligns columns and leaves the last one alone', () => {
  const rows = [
    ['self', '', 'function', 'file'],
    ['4.91 MB', '67 %', 'f', 'a/very/long/path.ts:1:1'],
    ['1 kB', '0 %', 'parseRow', 'b.ts:1:1'],
  ]
  expect(table(rows, ['right', 'right', 'left', 'left'])).toEqual([
    '   self        function  file',
    '4.91 MB  67 %  f         a/very/long/path.ts:1:1',
    '   1 kB   0 %  parseRow  b.ts:1:1',
  ])
  expect(table([], [])).toEqual([])
})

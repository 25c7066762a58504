import { expect, test } from 'vitest'
import { settingsFrom } from '../../../src/core/session/options.js'
import { parseSamplingProbability } from '../../../src/core/session/parse.js'
import {
  DEFAULT_SAMPLING_PROBABILITY,
  formatTable,
  tableFrom,
} from '../../../src/core/session/sampling-table.js'

const refused = (message: string | RegExp) =>
  expect.objectContaining({
    code: 'invalid-argument',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })

// Each is told from the others, and each comes out with the bounds ascending.
test.each([
  ['an object', { 8192: 0.1, 128: 1e-4 }],
  ['a Map', new Map([[8192, 0.1], [128, 1e-4]])], // biome-ignore format: a table
  ['a list of pairs', [[8192, 0.1], [128, 1e-4]]], // biome-ignore format: a table
  ["heapprof's own", DEFAULT_SAMPLING_PROBABILITY],
  ['an object without a prototype', Object.assign(Object.create(null), { 128: 1e-4, 8192: 0.1 })],
])('a table can be %s', (_, given) => {
  expect(tableFrom('start', given)).toEqual([
    [128, 1e-4],
    [8192, 0.1],
  ])
})

test.each([{}, new Map(), []])('nothing in %j means everything', (given) => {
  expect(tableFrom('start', given)).toEqual([])
})

test('the limits themselves are good', () => {
  const given: [number, number][] = [
    [1, 0],
    [Number.MAX_SAFE_INTEGER, 1],
  ]
  expect(tableFrom('start', given)).toEqual(given)
})

const SHAPE =
  't: expected probabilities by size, such as {128: 1e-4, 8192: 0.1}: an object, a Map or a list of [bound, probability] pairs, received '
const BOUND = 't: a bound must be a whole number of bytes, 1 or more, received '

// heapprof crashed on a list in place of a dictionary, and took some of the others.
test.each([
  [undefined, `${SHAPE}undefined`],
  [null, `${SHAPE}null`],
  [0.1, `${SHAPE}0.1`],
  ['{128: 0.1}', `${SHAPE}"{128: 0.1}"`],
  [true, `${SHAPE}true`],
  [new Set([128]), /^t: expected probabilities by size, .* received Set/],
  [new Uint8Array(2), /^t: expected probabilities by size, .* received .*0, 0/],
  [() => {}, /^t: expected probabilities by size/],
  [[128, 0.1], 't: expected pairs of a bound and a probability, received 128'],
  [[[128]], /^t: expected pairs of a bound and a probability, received \[ ?128 ?\]$/],
  [[[128, 0.1, 0.2]], /^t: expected pairs/],
  [{ a: 0.1 }, `${BOUND}"a"`],
  [{ '': 0.1 }, `${BOUND}""`],
  [{ 0: 0.1 }, `${BOUND}"0"`],
  [{ '-8': 0.1 }, `${BOUND}"-8"`],
  [{ '1.5': 0.1 }, `${BOUND}"1.5"`],
  [{ '1e3': 0.1 }, `${BOUND}"1e3"`],
  [{ '08': 0.1 }, `${BOUND}"08"`],
  [{ NaN: 0.1 }, `${BOUND}"NaN"`],
  [[[0, 0.1]], `${BOUND}0`],
  [[[-8, 0.1]], `${BOUND}-8`],
  [[[1.5, 0.1]], `${BOUND}1.5`],
  [[[Number.NaN, 0.1]], `${BOUND}NaN`],
  [[[Number.POSITIVE_INFINITY, 0.1]], `${BOUND}Infinity`],
  [[[2 ** 53, 0.1]], `${BOUND}9007199254740992`],
  [[['128', 0.1]], `${BOUND}"128"`],
  [new Map([['128', 0.1]]), `${BOUND}"128"`],
  [[[128, 0.1], [128, 0.1]], 't: the bound 128 is there twice'], // biome-ignore format: a table
  [{ 128: -0.1 }, 't: the probability below 128 bytes must be from 0 to 1, received -0.1'],
  [{ 128: 1.1 }, 't: the probability below 128 bytes must be from 0 to 1, received 1.1'],
  [{ 128: Number.NaN }, 't: the probability below 128 bytes must be from 0 to 1, received NaN'],
  [{ 128: Number.POSITIVE_INFINITY }, /received Infinity$/],
  [{ 128: '0.1' }, 't: the probability below 128 bytes must be from 0 to 1, received "0.1"'],
  [{ 128: true }, /received true$/],
  [{ 128: 1n }, /received 1n$/],
  [{ 128: undefined }, /received undefined$/],
] as [unknown, string | RegExp][])('as a table, case %# is refused', (given, message) => {
  expect(() => tableFrom('t', given)).toThrow(refused(message))
  if (given === undefined) return
  expect(() => settingsFrom({ samplingProbability: given as never })).toThrow(
    refused(/^start: samplingProbability: /),
  )
})

test.each([
  ['{256: 1e-5, 8192: 0.1}', [[256, 1e-5], [8192, 0.1]]], // biome-ignore format: a table
  ['{256:1e-5}', [[256, 1e-5]]],
  ['  { 256 : .5 ,\n128:1.,}  ', [[128, 1], [256, 0.5]]], // biome-ignore format: a table
  ['{"256": 1E-5}', [[256, 1e-5]]],
  ["{'256': 0}", [[256, 0]]],
  ['{}', []],
  ['{ }', []],
])('typed as %j', (typed, table) => {
  expect(parseSamplingProbability(typed)).toEqual(table)
})

const TYPED = "--sample must be a table such as '{128: 1e-4, 8192: 0.1}', received "

test.each([
  ['', `${TYPED}""`],
  ['128: 0.1', `${TYPED}"128: 0.1"`],
  ['{128: 0.1', `${TYPED}"{128: 0.1"`],
  ['{128}', `${TYPED}"{128}" with "128" in it`],
  ['{128: }', `${TYPED}"{128: }" with "128:" in it`],
  ['{128: 0.1; 256: 1}', `${TYPED}"{128: 0.1; 256: 1}" with "128: 0.1; 256: 1" in it`],
  ['{128: 0.1,,256: 1}', `${TYPED}"{128: 0.1,,256: 1}" with "" in it`],
  ['{"128: 0.1}', /with "\\"128: 0\.1" in it$/],
  ['{1e3: 0.1}', /with "1e3: 0\.1" in it$/],
  ['{-1: 0.1}', /with "-1: 0\.1" in it$/],
  ['{128: -0.1}', /with "128: -0\.1" in it$/],
  ['{128: 0x1}', /with "128: 0x1" in it$/],
  ['{128: NaN}', /with "128: NaN" in it$/],
  ['{128: process.exit()}', /with "128: process\.exit\(\)" in it$/],
  ['{128: 1.5}', '--sample: the probability below 128 bytes must be from 0 to 1, received 1.5'],
  ['{0: 0.5}', '--sample: a bound must be a whole number of bytes, 1 or more, received 0'],
  ['{128: 0.5, 128: 1}', '--sample: the bound 128 is there twice'],
])('typed as %j it is refused', (typed, message) => {
  expect(() => parseSamplingProbability(typed)).toThrow(refused(message))
})

test('a table is printed as it can be typed', () => {
  const table = tableFrom('t', { 128: 1e-4, 8192: 0.1, 16384: 0.25, 65536: 0, 131072: 1, 262144: 1e-9 })
  const text = '{128: 1e-4, 8192: 0.1, 16384: 0.25, 65536: 0, 131072: 1, 262144: 1e-9}'
  expect(formatTable(table)).toBe(text)
  expect(parseSamplingProbability(text)).toEqual(table)
})

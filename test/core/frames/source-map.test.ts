import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { inlineSourceMap, openSourceMap } from '../../../src/core/frames/source-map.js'
import { read } from '../../../src/core/reader.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

// Line 1: columns 1 to 8 come from a.ts:11:1, those from 9 on from a.ts:11:21. Line 2 has nothing. Line 3, from
// column 5 on, comes from b.ts:1:1.
const MAPPINGS = 'AAUA,QAAoBA;;ICVpB'
const map = (fields: object = {}) =>
  JSON.stringify({ version: 3, sources: ['a.ts', 'b.ts'], names: ['Map'], mappings: MAPPINGS, ...fields })
const inline = (json: string): string =>
  `data:application/json;charset=utf-8;base64,${Buffer.from(json).toString('base64')}`

test.each([
  [1, 1, { file: '/app/a.ts', line: 11, column: 1 }],
  [1, 8, { file: '/app/a.ts', line: 11, column: 1 }],
  [1, 9, { file: '/app/a.ts', line: 11, column: 21 }],
  [1, 500, { file: '/app/a.ts', line: 11, column: 21 }],
  [1, 0, { file: '/app/a.ts', line: 11, column: 1 }],
  [2, 1, undefined],
  [3, 4, undefined],
  [3, 5, { file: '/app/b.ts', line: 1, column: 1 }],
  [3, 0, { file: '/app/b.ts', line: 1, column: 1 }],
  [0, 0, undefined],
  [99, 1, undefined],
])('line %d column %d', (line, column, original) => {
  expect(openSourceMap(map(), '/app/a.js', '')(line, column)).toEqual(original)
})

test.each([
  ['the script by path', '/app/a.js', '', {}, '/app/a.ts'],
  ['the script by URL', 'file:///app/my%20dir/a.mjs', '', {}, '/app/my dir/a.ts'],
  ['an external map', '/app/dist/a.js', '../maps/a.js.map', {}, '/app/maps/a.ts'],
  ['an inline map', '/app/dist/a.js', 'data:application/json,{}', {}, '/app/dist/a.ts'],
  ['a source root', '/app/dist/a.js', 'a.js.map', { sourceRoot: '../src' }, '/app/src/a.ts'],
  ['an absolute source', '/app/dist/a.js', '', { sources: ['/x/ä b.ts', 'b.ts'] }, '/x/ä b.ts'],
  ['a source with a query', '/app/a.js', '', { sources: ['file:///x/a.ts?v=1', 'b'] }, '/x/a.ts'],
  ['a source of a bundler', '/app/a.js', '', { sources: ['webpack://x/./a.ts', 'b'] }, 'webpack://x/a.ts'],
  ['a script without a place', 'evalmachine.<anonymous>', '', {}, 'a.ts'],
])('sources are found from %s', (_, script, sourceMapUrl, fields, file) => {
  expect(openSourceMap(map(fields), script, sourceMapUrl)(1, 1)?.file).toBe(file)
})

test('a map in sections, and one with a guard line', () => {
  const section = { offset: { line: 4, column: 0 }, map: JSON.parse(map()) }
  const sections = JSON.stringify({ version: 3, sections: [section] })
  expect(openSourceMap(sections, '/app/x.js', '')(5, 9)).toMatchObject({ file: '/app/a.ts', line: 11 })
  expect(openSourceMap(`)]}'\n${map()}`, '/app/x.js', '')(1, 1)).toMatchObject({ line: 11 })
})

test('what is no source map maps nothing', () => {
  const broken = [
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"version":3}',
    map({ mappings: 7 }),
    map({ sources: [null, 'b'] }),
  ]
  for (const json of broken) expect(openSourceMap(json, '/app/a.js', '')(1, 1)).toBeUndefined()
  fc.assert(
    fc.property(fc.string(), (mappings) => {
      const original = openSourceMap(map({ mappings }), '/app/a.js', '')(1, 1)
      if (original !== undefined) expect(original.line).toBeGreaterThan(0)
    }),
  )
})

test('inline maps', () => {
  expect(inlineSourceMap(inline('{"ä":1}'))).toBe('{"ä":1}')
  expect(inlineSourceMap(`data:application/json,${encodeURIComponent('{"ä":1}')}`)).toBe('{"ä":1}')
  for (const none of ['', 'a.js.map', 'data:application/json;base64', 'data:,%E4%']) {
    expect(inlineSourceMap(none)).toBeUndefined()
  }
})

test('a reader takes frames through the maps that scripts carry', () => {
  const log = new LogBuilder()
  const trace = log.trace([
    { url: '/app/dist/a.js', sourceMapUrl: inline(map()), line: 1, column: 12 },
    { url: '/app/dist/a.js', sourceMapUrl: inline(map()), line: 2, column: 1, function: '' },
    { url: '/app/node_modules/vitest/dist/a.js', sourceMapUrl: inline(map()), line: 1, column: 12 },
    { url: '/app/dist/b.js', sourceMapUrl: 'b.js.map', line: 1, column: 12 },
  ])
  const reader = read(log.write(folder.base('inline')))
  const places = reader
    .trace(trace)
    .frames.map((frame) => `${frame.function} ${frame.file}:${frame.line}:${frame.column}`)
  expect(places).toEqual([
    'f /app/dist/a.ts:11:21',
    '(anonymous) /app/dist/a.js:2:1',
    'f /app/node_modules/vitest/dist/a.js:1:12',
    'f /app/dist/b.js:1:12',
  ])
  reader.close()
})

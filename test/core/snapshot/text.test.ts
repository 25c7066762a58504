import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAllowed, readAmount, roundedSize, roundingError } from '../../../src/core/snapshot/amount.js'
import { applyBlock, renderBlocks } from '../../../src/core/snapshot/apply.js'
import { nameCell, placeCell, readName, readPlace, splitCells } from '../../../src/core/snapshot/cells.js'
import { environmentLine, readEnvironmentLine } from '../../../src/core/snapshot/environment.js'
import { parseSnapshot } from '../../../src/core/snapshot/parse.js'
import { renderDigest } from '../../../src/core/snapshot/render.js'
import { DOMAINS } from '../../../src/core/types.js'
import { digest, FEED, FEED_TEXT, NODE_22, site } from './digests.js'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        ' ',
        '  ',
        '\t',
        '\n',
        '\r\n',
        '"',
        '\\',
        ':7',
        '±',
        '+-',
        '`',
        '${',
        'a',
        '\ud800',
        '\u2028',
        '\u202e',
      ),
    )
    .map((parts) => parts.join('')),
)

describe('the text of a digest', () => {
  test('is the drawing in the README of its folder', () => {
    expect(renderDigest(FEED)).toBe(FEED_TEXT)
  })

  test('is read back', () => {
    const [block, ...more] = parseSnapshot(FEED_TEXT, 'it')
    expect(more).toEqual([])
    expect(block?.environment).toEqual(NODE_22)
    expect(block?.lines.map(({ text: _, number: __, allowed: ___, ...line }) => line)).toEqual([
      { kind: 'total', domain: 'heap', bytes: 7_210_000 },
      { kind: 'total', domain: 'arrayBuffer', bytes: 391_000 },
      { kind: 'site', function: 'parseRow', file: 'src/feed.ts', line: 23, domain: 'heap', bytes: 4_500_000 },
      { kind: 'site', function: 'add', file: 'src/cache.ts', line: 12, domain: 'heap', bytes: 2_700_000 },
      { kind: 'site', function: 'read', file: 'src/io.ts', line: 7, domain: 'arrayBuffer', bytes: 390_000 },
      { kind: 'rest', bytes: 30_000 },
    ])
  })

  test('has no sites when nothing was sampled, and says so by having no rest', () => {
    const text = renderDigest({ ...FEED, sites: undefined })
    expect(text).toBe(FEED_TEXT.split('\n').slice(0, 3).join('\n'))
    expect(renderDigest(digest([], { samplingInterval: 1 }))).toContain('0 B  elsewhere')
    const few = digest([site('one', 'a.ts', 131_072, { error: 131_072 })], { samplingInterval: 131_072 })
    for (const unknown of [digest([]), few]) expect(renderDigest(unknown)).not.toContain('elsewhere')
  })

  test('lists what is worth a line: a hundredth of all, known well enough, the heaviest', () => {
    const sites = [
      site('vague', 'a.ts', 500_000, { error: 130_000 }),
      site('rough', 'a.ts', 456_000, { error: 60_000 }),
      site('light', 'a.ts', 9_000),
      ...Array.from({ length: 12 }, (_, i) => site(`f${i}`, 'b.ts', 20_000)),
    ]
    const lines = renderDigest(digest(sites)).split('\n').slice(3)
    expect(lines).toEqual([
      '   460 kB  rough  a.ts:1',
      ...['f0', 'f1', 'f10', 'f11', 'f2', 'f3', 'f4', 'f5', 'f6'].map((name) => `    20 kB  ${name}  b.ts:1`),
      '   570 kB  elsewhere',
    ])
    expect(renderDigest(digest(sites), 1).split('\n')).toHaveLength(5)
  })

  test('does not depend on what is below its last digit', () => {
    const near = FEED.sites?.map((each) => ({ ...each, bytes: each.bytes + 7 }))
    expect(renderDigest(digest(near ?? []))).toBe(FEED_TEXT)
  })

  test('comes back the same for any names', () => {
    const anySite = fc.record({
      function: anyText,
      file: anyText,
      line: fc.nat(),
      domain: fc.constantFrom(...DOMAINS),
      bytes: fc.integer({ min: 1000, max: 1e12 }),
    })
    fc.assert(
      fc.property(
        fc.uniqueArray(anySite, {
          selector: (each) => `${each.domain}\0${each.file}\0${each.function}`,
          maxLength: 8,
        }),
        (sites) => {
          const given = digest(sites.map((each) => ({ ...each, error: 0 })))
          const text = renderDigest(given, 100)
          const [block] = parseSnapshot(text, 'it')
          expect(renderBlocks([block as never])).toBe(text)
          const listed = sites.filter(
            ({ bytes }) => bytes >= 0.01 * sites.reduce((sum, each) => sum + each.bytes, 0),
          )
          const read = (block?.lines ?? []).filter((line) => line.kind === 'site')
          const plain = (each: { function: string; file: string; line: number; domain: string }) =>
            JSON.stringify([each.function, each.file, each.line, each.domain])
          expect(read.map(plain).sort()).toEqual(listed.map(plain).sort())
        },
      ),
    )
  })
})

describe('cells', () => {
  test.each([
    ['parse', 'parse'],
    ['Object.<anonymous>', 'Object.<anonymous>'],
    ['get size', 'get size'],
    ['größe', 'größe'],
    ['数える', '数える'],
    ['', '""'],
    ['a  b', '"a  b"'],
    [' a', '" a"'],
    ['a ', '"a "'],
    ['"a"', '"\\"a\\""'],
    ['±a', '"±a"'],
    ['+-a', '"+-a"'],
    ['a\nb', '"a\\nb"'],
    ['a\u00a0b', '"a\\u00a0b"'],
    ['\u202eevil', '"\\u202eevil"'],
    ['\ud800', '"\\ud800"'],
    ['👩‍🚀', '"👩\\u200d🚀"'],
  ])('%j is written %s', (name, cell) => {
    expect(nameCell(name)).toBe(cell)
    expect(readName(cell)).toBe(name)
    expect(splitCells(`x  ${cell}  y`)).toEqual(['x', cell, 'y'])
  })

  test.each([
    ['src/a.ts', 12, 'src/a.ts:12'],
    ['src/a.ts', 0, 'src/a.ts'],
    ['a:5', 0, '"a:5"'],
    ['a:5', 6, '"a:5":6'],
    ['a  b', 6, '"a  b":6'],
    ['', 0, '""'],
    ['data:text/javascript,1', 3, 'data:text/javascript,1:3'],
  ])('%j, line %d, is written %s', (file, line, cell) => {
    expect(placeCell(file, line)).toBe(cell)
    expect(readPlace(cell)).toEqual({ file, line })
  })

  test.each(['"a', '"a\\', '"a" "b', 'x  "'])('quotes that do not match are no cell: %s', (line) => {
    expect(splitCells(line)?.map(readName) ?? [undefined]).toContain(undefined)
  })
})

describe('amounts', () => {
  test.each([
    ['4.9 MB', { bytes: 4_900_000, allowed: undefined }],
    ['4.9 MB ±25%', { bytes: 4_900_000, allowed: { relative: 0.25 } }],
    ['4.9 MB +-25%', { bytes: 4_900_000, allowed: { relative: 0.25 } }],
    ['4.9MB +/- 2.5 %', { bytes: 4_900_000, allowed: { relative: 0.025 } }],
    ['0 B ± 20 kB', { bytes: 0, allowed: { bytes: 20_000 } }],
    ['4.9 MB ±', undefined],
    ['4.9 MB ±25', undefined],
    ['4.9 MB 25%', undefined],
    ['-4.9 MB', undefined],
    ['4.9', undefined],
    ['±25%', undefined],
  ])('%s', (text, amount) => {
    expect(readAmount(text)).toEqual(amount)
  })

  test('an allowance is a percentage or a size', () => {
    expect(readAllowed('10%')).toEqual({ relative: 0.1 })
    expect(readAllowed('10 kB')).toEqual({ bytes: 10_000 })
    expect(readAllowed('10')).toBeUndefined()
  })

  test.each([
    [0, 3, '0 B'],
    [-5, 3, '0 B'],
    [48, 2, '48 B'],
    [7_214_345, 3, '7.21 MB'],
    [999_600, 2, '1 MB'],
    [456_000, 1, '500 kB'],
  ])('%d bytes in %d digits are %s', (bytes, digits, text) => {
    expect(roundedSize(bytes, digits)).toBe(text)
  })

  test('rounding is off by half of the last digit at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e13 }), fc.integer({ min: 1, max: 3 }), (bytes, digits) => {
        const read = readAmount(roundedSize(bytes, digits))?.bytes as number
        expect(Math.abs(read - bytes)).toBeLessThanOrEqual(roundingError(read, digits) + 1e-9)
      }),
    )
  })
})

describe('environments', () => {
  test.each([
    [NODE_22, 'node 22, x64, vitest 4'],
    [{ ...NODE_22, runner: 'jest', coverage: true }, 'node 22, x64, jest, coverage'],
    [{ ...NODE_22, coverage: true, reproducible: true }, 'node 22, x64, vitest 4, coverage, reproducible'],
  ])('%j', (environment, line) => {
    expect(environmentLine(environment)).toBe(line)
    expect(readEnvironmentLine(line)).toEqual(environment)
  })

  test.each([
    'node',
    'node 22',
    'node 22, x64',
    'node x, x64, jest 30',
    'Node 22, x64, jest 30',
    'node 22, x64, jest 30, odd',
  ])('none: %s', (line) => {
    expect(readEnvironmentLine(line)).toBeUndefined()
  })

  test('each has a block of its own, in the order of versions, whatever comes first', () => {
    const of = (node: number) => renderDigest({ ...FEED, environment: { ...NODE_22, node } })
    const text = [24, 9, 22].reduce<string | undefined>(
      (stored, node) => applyBlock(stored, of(node), 'it'),
      undefined,
    )
    expect(text).toBe([of(9), of(22), of(24)].join('\n\n'))
    const again = applyBlock(text, of(22).replace('7.21 MB', '8 MB'), 'it')
    expect(again).toBe([of(9), of(22).replace('7.21 MB', '8 MB'), of(24)].join('\n\n'))
  })

  test('what is applied is one block', () => {
    expect(() => applyBlock(undefined, '', 'it')).toThrow('it: expected what was measured in one environment')
    expect(() => applyBlock('nonsense', FEED_TEXT, 'it')).toThrow(
      'it, line 1: expected the line of an environment',
    )
  })
})

describe('damaged text', () => {
  const damage = (change: (lines: string[]) => void) => {
    const lines = FEED_TEXT.split('\n')
    change(lines)
    return lines.join('\n')
  }

  test.each<[string, string, string]>([
    [
      'no environment',
      damage((lines) => lines.shift()),
      'snapshot "a 1", line 1: expected the line of an environment, such as \'node 22, x64, vitest 4\', received "7.21 MB  heap"',
    ],
    [
      'a mangled environment',
      damage((lines) => (lines[0] = 'node 22, x64')),
      'line 1: expected the line of an environment',
    ],
    [
      'no size',
      damage((lines) => (lines[3] = 'much  parseRow  src/feed.ts:23')),
      'line 4: expected a size and what it is of',
    ],
    ['no unit', damage((lines) => (lines[3] = '4.5  parseRow  src/feed.ts:23')), 'line 4: expected a size'],
    [
      'an allowance that is none',
      damage((lines) => (lines[3] = '4.5 MB ±lots  parseRow  src/feed.ts:23')),
      'line 4: expected a size',
    ],
    [
      'one space',
      damage((lines) => (lines[3] = '4.5 MB parseRow src/feed.ts:23')),
      'line 4: expected a size',
    ],
    ['a total that is none', damage((lines) => (lines[1] = '4.5 MB  heaps')), 'line 2: expected a size'],
    ['a domain that is none', damage((lines) => (lines[5] += 's')), 'line 6: expected a size'],
    ['a cell too many', damage((lines) => (lines[5] += '  more')), 'line 6: expected a size'],
    [
      'quotes that do not match',
      damage((lines) => (lines[3] = '4.5 MB  "parse  src/feed.ts')),
      'line 4: expected a size',
    ],
    [
      'a site twice',
      damage((lines) => lines.push('  1 MB  add  src/cache.ts:99')),
      "line 8: expected each place once below 'node 22, x64, vitest 4'",
    ],
    ['an environment twice', `${FEED_TEXT}\n\n${FEED_TEXT}`, 'line 9: expected each environment once'],
    [
      'a merge',
      damage((lines) => lines.splice(1, 0, '<<<<<<< HEAD')),
      'line 2: expected no mark of an unresolved merge, received "<<<<<<< HEAD"',
    ],
    [
      'a merge, later',
      damage((lines) => lines.splice(3, 0, '=======')),
      'line 4: expected no mark of an unresolved merge',
    ],
    [
      'control characters',
      damage((lines) => (lines[3] = '\u001b[31m4.5 MB  x  y')),
      'line 4: expected a size',
    ],
  ])('%s', (_, text, expected) => {
    const read = () => parseSnapshot(text, 'snapshot "a 1"')
    expect(read).toThrow(expected)
    expect(read).toThrow(expect.objectContaining({ code: 'damaged-snapshot' }))
  })

  test('what editors do is no damage: indentation, line ends, empty lines, an allowance in a cell of its own', () => {
    const text = `\n\n${FEED_TEXT.replaceAll('\n', '  \r\n\t').replace('4.5 MB', '4.5 MB  ±10%')}\r\n`
    const bytes = (given: string) => parseSnapshot(given, 'it')[0]?.lines.map((line) => line.bytes)
    expect(bytes(text)).toEqual(bytes(FEED_TEXT))
    expect(parseSnapshot(text, 'it')[0]?.lines[2]?.allowed).toEqual({ relative: 0.1 })
  })

  test('any other text is damaged or read, and nothing else happens', () => {
    fc.assert(
      fc.property(anyText, fc.nat(200), (text, at) => {
        const mangled = FEED_TEXT.slice(0, at) + text + FEED_TEXT.slice(at)
        try {
          parseSnapshot(mangled, 'it')
        } catch (error) {
          expect(error).toMatchObject({ code: 'damaged-snapshot' })
        }
      }),
    )
  })
})

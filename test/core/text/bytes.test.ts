import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatExactSize,
  formatSize,
  groupDigits,
  parseSize,
  type Size,
} from '../../../src/core/text/bytes.js'

describe('parseSize', () => {
  test.each<[Size, number, string]>([
    ['5MB', 5_000_000, 'SI'],
    ['5 MB', 5_000_000, 'SI'],
    ['5MiB', 5_242_880, 'IEC'],
    ['5 MiB', 5_242_880, 'IEC'],
    ['5kB', 5000, 'SI'],
    ['5KB', 5000, 'SI'],
    ['1.5GB', 1_500_000_000, 'SI'],
    ['0.5 KiB', 512, 'IEC'],
    ['512 B', 512, 'SI'],
    ['0B', 0, 'SI'],
    [0, 0, 'bytes'],
    [1000, 1000, 'bytes'],
    [0.5, 0.5, 'bytes'],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'bytes'],
  ])('%j is %d bytes', (size, bytes, family) => {
    expect(parseSize(size, 'limit')).toEqual({ bytes, family })
  })

  test('takes lower case', () => {
    expect(parseSize('5mb' as Size, 'limit').bytes).toBe(5_000_000)
    expect(parseSize('5mib' as Size, 'limit').bytes).toBe(5_242_880)
  })

  test.each([
    '5 parsecs',
    '',
    ' ',
    'MB',
    '5',
    '5M',
    '5i',
    '5iB',
    '1e3',
    '1e3B',
    '1,000KB',
    '+5MB',
    '-1KB',
    '.5MB',
    '5.MB',
    '5  MB',
    ' 5MB',
    '5MB ',
    '5MB\n',
    '٥MB',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    true,
    5n,
    Symbol('5MB'),
    ['5MB'],
    { bytes: 5 },
    () => 5,
  ])('refuses %o', (value) => {
    let error: unknown
    try {
      parseSize(value as Size, 'limit')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ name: 'HeapproofError', code: 'invalid-size' })
    expect((error as Error).message).toMatch(/^limit: expected a number of bytes, zero or more, or a string /)
  })

  test('shows what came and what is accepted', () => {
    expect(() => parseSize('5 parsecs' as Size, 'limit')).toThrow(
      "limit: expected a number of bytes, zero or more, or a string such as '512 B', '100kB', '5 MB', '1.5GB' or " +
        '\'5MiB\', received "5 parsecs"',
    )
    expect(() => parseSize(null as unknown as Size, 'limit')).toThrow('received null')
    expect(() => parseSize(-1, 'limit')).toThrow('received -1')
  })

  test('any string is a size or an invalid-size error', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[\d.+-]{0,6} ?[kKmMgGiI]{0,3}[bB]?$/)),
        (value) => {
          try {
            expect(parseSize(value as Size, 'limit').bytes).toBeGreaterThanOrEqual(0)
          } catch (error) {
            expect(error).toMatchObject({ code: 'invalid-size' })
          }
        },
      ),
    )
  })
})

test.each([
  [0, 'SI', '0 B'],
  [41, 'SI', '41 B'],
  [41, 'IEC', '41 B'],
  [0.4, 'SI', '0.4 B'],
  [999, 'SI', '999 B'],
  [999.6, 'SI', '1 kB'],
  [1000, 'SI', '1 kB'],
  [999_499, 'SI', '999 kB'],
  [999_600, 'SI', '1 MB'],
  [7_283_111, 'SI', '7.28 MB'],
  [7_283_111, 'bytes', '7.28 MB'],
  [5_000_000, 'SI', '5 MB'],
  [370_000, 'SI', '370 kB'],
  [1_100_000, 'IEC', '1.05 MiB'],
  [1023, 'IEC', '1020 B'],
  [1024, 'IEC', '1 KiB'],
  [5_242_880, 'IEC', '5 MiB'],
  [2 ** 50 * 5000, 'IEC', '5000 PiB'],
  [-7_283_111, 'SI', '-7.28 MB'],
] as const)('formatSize(%d, %s) is %s', (bytes, family, text) => {
  expect(formatSize(bytes, family)).toBe(text)
})

test('a size that is printed can be read again', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.constantFrom('SI' as const, 'IEC' as const), (bytes, family) => {
      const again = parseSize(formatSize(bytes, family) as Size, 'size').bytes
      expect(Math.abs(again - bytes)).toBeLessThanOrEqual(bytes * 0.005 + 1)
    }),
  )
})

test('exact sizes show every byte', () => {
  expect(formatExactSize(5_000_040)).toBe('5,000,040 B')
  expect(formatExactSize(41)).toBe('41 B')
  expect([0, 999, 1000, 123_456_789].map(groupDigits)).toEqual(['0', '999', '1,000', '123,456,789'])
})

import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec'
import { decodedMappings, TraceMap } from '@jridgewell/trace-mapping'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeShort } from '../../../src/core/frames/decode-mappings.js'

/** As it is used: the library sorts the columns of a line. */
const opened = (text: string) => {
  const mappings = decodeShort(text) as SourceMapSegment[][]
  return decodedMappings(new TraceMap({ version: 3, sources: ['a', 'b'], names: [], mappings }))
}

const number = fc.oneof(fc.nat(40), fc.nat(2 ** 30))
const segment = fc.oneof(
  fc.tuple(number),
  fc.tuple(number, number, number, number),
  fc.tuple(number, number, number, number, number),
) as fc.Arbitrary<SourceMapSegment>

test('any short map comes out as from the whole decoder', () => {
  fc.assert(
    fc.property(fc.array(fc.array(segment, { maxLength: 9 }), { maxLength: 9 }), (lines) => {
      const mappings = encode(lines)
      expect(opened(mappings)).toEqual(decode(mappings))
    }),
  )
})

test('a map of few kinds of segments, lines without any among them', () => {
  const line = `${'CAAC,'.repeat(20)}EAAEA`
  const mappings = Array.from({ length: 40 }, (_, index) => (index % 3 === 0 ? '' : line)).join(';')
  expect(opened(mappings)).toEqual(decode(mappings))
  expect(opened('')).toEqual([[]])
})

test('a long one is left to the library', () => {
  const mappings = 'CAAC,'.repeat(4000)
  expect(decodeShort(mappings)).toBe(mappings)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../src/core/format/varint.js'

const readerOf = (...bytes: number[]): ByteReader => new ByteReader('x.hpd', Uint8Array.from(bytes), 100)
const bytesOf = (write: (writer: ByteWriter) => void): number[] => {
  const writer = new ByteWriter()
  write(writer)
  return Array.from(writer.take())
}

test.each([
  [0, [0]],
  [127, [127]],
  [128, [0x80, 1]],
  [300, [0xac, 2]],
  [2 ** 28 - 1, [0xff, 0xff, 0xff, 0x7f]],
  [2 ** 28, [0x80, 0x80, 0x80, 0x80, 1]],
  [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
  [2 ** 53 - 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
])('varint %d', (value, bytes) => {
  expect(bytesOf((writer) => writer.varint(value))).toEqual(bytes)
  expect(readerOf(...bytes).varint()).toBe(value)
})

test.each([
  [0, 0],
  [-1, 1],
  [1, 2],
  [-64, 127],
])('zigzag %d is stored as %d', (value, stored) => {
  expect(bytesOf((writer) => writer.zigzag(value))).toEqual([stored])
  expect(readerOf(stored).zigzag()).toBe(value)
})

test.each([
  [0, 0],
  [8, 2],
  [48, 12],
  [1, 3],
  [47, 95],
])('size %d is stored as %d', (value, stored) => {
  expect(bytesOf((writer) => writer.size(value))).toEqual([stored])
  expect(readerOf(stored).size()).toBe(value)
})

test('a number that another writer padded is read as well', () => {
  expect(readerOf(0x85, 0x80, 0x80, 0x80, 0x80, 0x00).varint()).toBe(5)
})

test('what cannot be read is damage, with file and offset', () => {
  const cases: [ByteReader, (reader: ByteReader) => unknown, string][] = [
    [readerOf(), (reader) => reader.varint(), 'a number runs out of its block'],
    [readerOf(0x80), (reader) => reader.varint(), 'a number runs out of its block'],
    [readerOf(0x80, 0x80, 0x80, 0x80), (reader) => reader.varint(), 'a number runs out of its block'],
    [readerOf(...new Array(10).fill(0x80)), (reader) => reader.varint(), 'a number is longer than 10 bytes'],
    [
      readerOf(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10),
      (reader) => reader.varint(),
      'a number is greater than 2^53 - 1',
    ],
    [
      readerOf(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f),
      (reader) => reader.size(),
      'a size is greater than 2^53 - 1',
    ],
    [readerOf(1, 2, 3), (reader) => reader.float64(), 'a number runs out of its block'],
    [readerOf(3, 65, 66), (reader) => reader.string(), 'a length of 3 bytes where 2 are left'],
  ]
  for (const [reader, read, what] of cases) {
    const message = `x.hpd: damaged at byte 100: ${what}`
    expect(() => read(reader)).toThrow(
      expect.objectContaining({ name: 'HeapproofError', code: 'damaged-profile', message }),
    )
  }
  const third = readerOf(1, 2, 0x80)
  third.varint()
  third.varint()
  expect(() => third.varint()).toThrow('x.hpd: damaged at byte 102: a number runs out of its block')
})

test('numbers, sizes and texts come back as they were written', () => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 52 - 1 }),
    fc.integer({ min: 0, max: 2 ** 50 - 1 }).map((value) => value * 8),
  )
  const value = fc.record({
    varint: fc.maxSafeNat(),
    zigzag: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
    size,
    float64: fc.double({ noNaN: true }),
    string: fc.string({ unit: 'binary' }),
  })
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const writer = new ByteWriter()
      for (const each of values) {
        writer
          .varint(each.varint)
          .zigzag(each.zigzag)
          .size(each.size)
          .float64(each.float64)
          .string(each.string)
      }
      const reader = new ByteReader('x', writer.take())
      const again = values.map(() => ({
        varint: reader.varint(),
        zigzag: reader.zigzag(),
        size: reader.size(),
        float64: reader.float64(),
        string: reader.string(),
      }))
      expect(again).toEqual(values)
      expect(reader.position).toBe(reader.end)
    }),
  )
})

test('any bytes end in a value or in damage', () => {
  const reads = [
    (reader: ByteReader) => reader.varint(),
    (reader: ByteReader) => reader.zigzag(),
    (reader: ByteReader) => reader.size(),
    (reader: ByteReader) => reader.float64(),
    (reader: ByteReader) => reader.string(),
  ]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 16 }), fc.constantFrom(...reads), (bytes, read) => {
      const reader = new ByteReader('x', bytes)
      try {
        const value = read(reader)
        if (typeof value === 'number' && read !== reads[3]) expect(Number.isSafeInteger(value)).toBe(true)
        expect(reader.position).toBeLessThanOrEqual(bytes.length)
      } catch (error) {
        expect(error).toMatchObject({ name: 'HeapproofError', code: 'damaged-profile' })
      }
    }),
    { numRuns: 2000 },
  )
})

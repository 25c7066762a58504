import { writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { BLOCK_LIMIT, BlockReader, encodeBlock, encodePrologue } from '../../../src/core/format/block.js'
import { InputFile, inputOf } from '../../../src/core/format/files.js'
import { logFolder, SESSION } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

function open(bytes: Uint8Array): BlockReader {
  const path = folder.base('block.hpm')
  writeFileSync(path, bytes)
  return new BlockReader(new InputFile(path), 'M')
}

function payloads(reader: BlockReader): Buffer[] {
  const all: Buffer[] = []
  while (reader.next()) all.push(Buffer.from(reader.payload))
  return all
}

const prologue = encodePrologue('M', SESSION)
const block = (text: string): Uint8Array => encodeBlock(Buffer.from(text))

test('blocks come one after the other, with their places in the file', () => {
  const reader = open(Buffer.concat([prologue, block('first'), block('2')]))
  expect(Array.from(reader.sessionId)).toEqual(Array.from(SESSION))
  expect(reader.next()).toBe(true)
  expect(Buffer.from(reader.payload).toString()).toBe('first')
  expect(reader.payloadOffset).toBe(32)
  expect(reader.next()).toBe(true)
  expect(reader.payloadOffset).toBe(45)
  expect(reader.next()).toBe(false)
  expect(reader.goodLength).toBe(46)
  expect(reader.ignored).toBe(0)
})

test('blocks longer than the buffer, and many that are shorter, are whole', () => {
  const sizes = [3, 300_000, 5, 262_144, ...new Array(1000).fill(700), 600_000, 1]
  const parts = sizes.map((size, index) => Buffer.alloc(size, index))
  const all = payloads(open(Buffer.concat([prologue, ...parts.map(encodeBlock)])))
  expect(all.length).toBe(parts.length)
  expect(Buffer.concat(all).equals(Buffer.concat(parts))).toBe(true)
})

test('a file may end anywhere', () => {
  const whole = Buffer.concat([prologue, block('first'), block('second')])
  for (let length = 0; length <= whole.length; length++) {
    const reader = open(whole.subarray(0, length))
    const count = payloads(reader).length
    expect(count).toBe(length < 37 ? 0 : length < 51 ? 1 : 2)
    expect(reader.ignored).toBe(
      length < 24 ? length : length < 37 ? length - 24 : length < 51 ? length - 37 : 0,
    )
  }
})

test('a length in the file is not a reason to take memory', () => {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(BLOCK_LIMIT)
  const reader = open(Buffer.concat([prologue, header, Buffer.from('short')]))
  const before = process.memoryUsage().arrayBuffers
  expect(reader.next()).toBe(false)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
  expect(reader.ignored).toBe(13)
})

test.each([0, BLOCK_LIMIT + 1, 0xffffffff])('a block of %d bytes is damage', (length) => {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(length)
  const reader = open(Buffer.concat([prologue, block('first'), header]))
  expect(reader.next()).toBe(true)
  expect(() => reader.next()).toThrow(
    `damaged at byte 37: a block of ${length} bytes, expected 1 to 67108864`,
  )
})

test('a checksum that does not match is damage', () => {
  const bytes = Buffer.concat([prologue, block('first'), block('second')])
  bytes[46] = 33
  const reader = open(bytes)
  expect(reader.next()).toBe(true)
  expect(() => reader.next()).toThrow('damaged at byte 37: the checksum of this block does not match')
})

test('of bytes that this process has just made no checksum is computed', () => {
  const bytes = Buffer.concat([prologue, block('first')])
  bytes.writeUInt32LE(0, 28)
  const payloadsOf = (isOurs: boolean) => payloads(new BlockReader(inputOf('memory', bytes, isOurs), 'M'))
  expect(() => payloadsOf(false)).toThrow(
    'memory: damaged at byte 24: the checksum of this block does not match',
  )
  expect(payloadsOf(true).map(String)).toEqual(['first'])
})

test('another file is not a profile, and another version is one that cannot be read', () => {
  const refused = (code: string, message: string) => expect.objectContaining({ code, message })
  const path = folder.base('block.hpm')
  expect(() => open(Buffer.from('#!/usr/bin/env node\n'))).toThrow(
    refused(
      'not-a-profile',
      `${path}: not a heapproof metadata (.hpm) file: expected the bytes 8948504d0d0a, found 23212f757372`,
    ),
  )
  expect(() => open(encodePrologue('D', SESSION))).toThrow(expect.objectContaining({ code: 'not-a-profile' }))
  const later = Buffer.from(prologue)
  later.writeUInt16LE(3, 6)
  expect(() => open(later)).toThrow(
    refused('unsupported-version', `${path}: format version 3, this build reads version 1`),
  )
})

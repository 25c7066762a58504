import { afterAll, expect, test } from 'vitest'
import { encodeBlock, encodePrologue } from '../../../src/core/format/block.js'
import {
  encodeFrame,
  encodeFunction,
  encodeHeader,
  encodeNode,
  encodeScript,
} from '../../../src/core/format/hpm.js'
import { read } from '../../../src/core/reader.js'
import { LogBuilder, logFolder, SESSION, writeLog } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

function openRecords(...records: Uint8Array[]) {
  const hpm = Buffer.concat([encodePrologue('M', SESSION), encodeBlock(Buffer.concat(records))])
  return read(writeLog(folder.base('records'), hpm, encodePrologue('D', SESSION)))
}

const header = encodeHeader({})
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

test('records of a later writer are skipped, and so is what it adds to ours', () => {
  const reader = openRecords(
    header,
    bytes(99, 3, 1, 2, 3),
    bytes(6, 5, 0, 1, 0, 77, 78),
    bytes(6, 3, 0, 2, 0),
  )
  expect([1, 2, 3].map((index) => reader.trace(index).domain)).toEqual(['arrayBuffer', 'native', 'heap'])
  expect(reader.traceCount).toBe(2)
  reader.close()
})

test('functions without a name and without a script', () => {
  const anonymous = encodeFunction({ script: 0, line: 0, column: 0, name: '' })
  const frame = { approximate: true, function: 1, line: 0, column: 0 }
  const unknown = { approximate: false, function: 0, line: 0, column: 0 }
  const nodes = [encodeFrame(unknown), encodeNode(0, 1), encodeNode(1, 2)]
  const reader = openRecords(
    header,
    anonymous,
    nodes[0] as Uint8Array,
    encodeFrame(frame),
    ...nodes.slice(1),
    bytes(6, 3, 1, 0, 2),
  )
  const place = { file: '', line: 0, column: 0 }
  expect(reader.trace(1)).toMatchObject({
    truncated: true,
    frames: [
      { function: '(anonymous)', ...place, approximate: true },
      { function: '(unknown)', ...place, approximate: false },
    ],
  })
  reader.close()
})

// The recorder writes them when the program's thread, which was blocked, goes on.
test('a script and a frame that come again take the place of the first', () => {
  const reader = openRecords(
    header,
    encodeScript({ url: 'a.js', sourceMapUrl: '' }),
    encodeFunction({ script: 1, line: 2, column: 1, name: 'f' }),
    encodeFrame({ approximate: true, function: 1, line: 2, column: 1 }),
    encodeNode(0, 1),
    bytes(6, 3, 0, 0, 1),
    // The same bytes as in test/native/base/format.test.cc.
    bytes(8, 8, 1, 4, 0x62, 0x2e, 0x6a, 0x73, 1, 0x6d, 9, 5, 1, 0, 1, 5, 9),
  )
  const frames = [{ function: 'f', file: 'b.js', line: 5, column: 9, approximate: false }]
  expect(reader.trace(1).frames).toEqual(frames)
  expect(reader.rawTrace(1).frames).toEqual(frames)
  reader.close()
})

test.each([
  ['no header', [bytes(6, 3, 0, 0, 0)], 32, 'the first record is of kind 6, expected the header'],
  ['a header that is no JSON', [bytes(1, 1, 0x7b)], 34, 'the header is not JSON'],
  ['a header that is no object', [bytes(1, 1, 0x37)], 34, 'the header is not a JSON object'],
  ['a body beyond its block', [header, bytes(2, 9, 0)], 37, 'a length of 9 bytes where 1 are left'],
  ['a field beyond its record', [header, bytes(6, 2, 0, 0), header], 40, 'a number runs out of its block'],
  [
    'a text beyond its record',
    [header, bytes(2, 2, 5, 65), header],
    38,
    'a length of 5 bytes where 1 are left',
  ],
  [
    'a script that did not come',
    [header, bytes(3, 4, 1, 1, 1, 0)],
    38,
    'script 1 is named, but only 0 to 0 are known',
  ],
  [
    'a node that is its own parent',
    [header, bytes(5, 2, 1, 0)],
    38,
    'node 1 is named, but only 0 to 0 are known',
  ],
  ['an unknown domain', [header, bytes(6, 3, 0, 3, 0)], 39, 'domain 3 is named, but only 0 to 2 are known'],
  [
    'a frame that was mapped before it came',
    [header, bytes(7, 5, 1, 1, 1, 0, 0)],
    38,
    'frame 1 is named, but only 0 to 0 are known',
  ],
  [
    'a script again that did not come',
    [header, bytes(8, 3, 1, 0, 0)],
    38,
    'script 1 is named, but none is known',
  ],
  [
    'a frame again that is none',
    [header, encodeFrame({ approximate: true, function: 0, line: 1, column: 1 }), bytes(9, 5, 0, 0, 0, 1, 1)],
    44,
    'frame 0 is named, but only 1 to 1 are known',
  ],
])('%s is damage', (_, records, offset, what) => {
  const message = `${folder.base('records')}.hpm: damaged at byte ${offset}: ${what}`
  expect(() => openRecords(...records)).toThrow(expect.objectContaining({ code: 'damaged-profile', message }))
})

test.each([
  [
    'an interval that is no size',
    (log: LogBuilder) => log.events.sampling(0, 'heap', -1),
    'a sampling interval of -1 bytes',
  ],
  [
    'an interval that is no number',
    (log: LogBuilder) => log.events.sampling(0, 'heap', Number.NaN),
    'a sampling interval of NaN bytes',
  ],
  [
    'a probability above 1',
    (log: LogBuilder) => log.events.samplingTable(0, 'heap', [[128, 1.5]]),
    'a sampling probability of 1.5',
  ],
  [
    'a probability that is no number',
    (log: LogBuilder) => log.events.samplingTable(0, 'heap', [[128, Number.NaN]]),
    'a sampling probability of NaN',
  ],
  [
    'a table out of order',
    (log: LogBuilder) =>
      log.events.samplingTable(0, 'native', [
        [128, 0.5],
        [128, 1],
      ]),
    'a range of sizes below 128 that is empty',
  ],
  [
    'a draw that is no size',
    (log: LogBuilder) => log.events.samplingTable(0, 'heap', [], -2),
    'a draw every -2 bytes',
  ],
  ['a scale below 1', (log: LogBuilder) => log.events.scale(0, 0.5), 'a scale of 0.5, expected 1 or more'],
  [
    'an age below 0',
    (log: LogBuilder) => log.events.free(0, 0, 8, -3),
    'an object was freed 3 microseconds before it was allocated',
  ],
])('%s in an event is damage', (_, write, what) => {
  const log = new LogBuilder()
  write(log)
  const reader = read(writeLog(folder.base('events'), new LogBuilder().hpm(), log.hpd()))
  expect(() => Array.from(reader.events())).toThrow(what)
  reader.close()
})

test('a rule that is not known gives no scale, and a SCALE stands before any rule', () => {
  const log = new LogBuilder()
  log.events.sampling(0, 'heap', 512, 9).alloc(1, 0, 16).sampling(1, 'heap', 512).scale(1, 7)
  log.blockHpd()
  log.events.alloc(1, 0, 16).alloc(1, 0, 16).alloc(1, 0, 0)
  const reader = read(log.write(folder.base('scale')))
  const scales = Array.from(reader.events()).flatMap((event) => (event.kind === 'alloc' ? event.scale : []))
  expect(scales).toEqual([1, 7, expect.closeTo(32.5, 1), 1])
  reader.close()
})

import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import type { SizeRange } from '../../../src/core/format/sampling.js'
import { read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { LogBuilder, logFolder, writeLog } from '../../support/log-builder.js'

const folder = logFolder()
afterAll(folder.remove)

/** The bytes that docs/file-format.md shows for a file: hex pairs at the start of each line, up to the comment. */
function documented(file: string): Buffer {
  const page = readFileSync(new URL('../../../docs/file-format.md', import.meta.url), 'utf8')
  const block = page.split(`\`${file}\`:\n\n\`\`\`\n`)[1]?.split('```')[0] ?? ''
  const lines = block.split('\n').map((line) => /^\s*(?:[0-9a-f]{2} {1,2})*/.exec(line)?.[0] ?? '')
  return Buffer.from(lines.join('').replaceAll(' ', ''), 'hex')
}

test('the example of the documentation reads as it says', () => {
  const reader = read(writeLog(folder.base('example'), documented('example.hpm'), documented('example.hpd')))
  expect(reader.header).toMatchObject({ pid: 7, samplingInterval: 512 })
  const frame = { function: 'f', file: '/app/a.ts', line: 1, column: 9, approximate: false }
  expect(reader.trace(1)).toEqual({ index: 1, domain: 'heap', frames: [frame], truncated: false })
  const allocation = { thread: 0, trace: 1, size: 48, scale: expect.closeTo(11.1745, 4) }
  expect(Array.from(reader.events())).toEqual([
    { kind: 'sampling', time: 0, thread: 0, domain: 'heap', rule: 0, interval: 512, table: [], draw: 1 },
    { kind: 'alloc', time: 0.0003, ...allocation },
    { kind: 'free', time: 0.001, ...allocation, age: 0.0007 },
    { kind: 'end', time: 0.001, thread: 0, reason: '' },
  ])
  expect(reader.truncated).toBe(0)
  expect(sites(reader).sites).toMatchObject([
    { function: 'f', file: '/app/a.ts', line: 1, live: 0, samples: 1 },
  ])
  reader.close()
})

test('the example of the documentation is what is written', () => {
  const session = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index)
  const log = new LogBuilder({ pid: 7, samplingInterval: 512 }, session)
  const trace = log.trace([{ function: 'f', url: 'file:///app/a.js', line: 2, column: 15 }])
  log.blockHpm()
  log.mapped(1, { line: 1, column: 9, file: '/app/a.ts', name: '' })
  log.events.sampling(0, 'heap', 512).alloc(300, trace, 48).free(1000, trace, 48, 700).end(1000)
  expect(log.hpm().toString('hex')).toBe(documented('example.hpm').toString('hex'))
  expect(log.hpd().toString('hex')).toBe(documented('example.hpd').toString('hex'))
})

test('the digest of the example is what is written, and reads as the documentation says', async () => {
  const files = [documented('example.hpm'), documented('example.hpd')] as const
  const base = writeLog(folder.base('digest'), ...files)
  {
    using reader = read(base)
    await reader.makeDigest({ interval: 0.001 })
  }
  expect(readFileSync(`${base}.hpc`).toString('hex')).toBe(documented('example.hpc').toString('hex'))
  using reader = read(base)
  expect(reader.hasDigest).toBe(true)
  expect([reader.duration, reader.truncated, reader.end, reader.snapshotInterval]).toEqual([
    0.001,
    0,
    '',
    0.001,
  ])
  expect(Array.from(reader.snapshots(), ({ time, traces }) => [time, traces])).toEqual([
    [0, []],
    [0.001, []],
  ])
})

test('the events of a table and of counters are what is written, and read as the documentation says', () => {
  const bytes = documented('table.hpd')
  const table: SizeRange[] = [
    [128, 1e-4],
    [8192, 0.1],
  ]
  const heap = { heapBytes: 300, collections: 1, majorCollections: 0 }
  const buffers = {
    arrayBufferBytes: 4096,
    arrayBufferCalls: 2,
    arrayBufferFreedBytes: 0,
    arrayBufferFrees: 0,
  }
  const counters = {
    ...heap,
    ...buffers,
    nativeBytes: 1000,
    nativeCalls: 5,
    nativeFrees: 3,
    unseenCollections: 0,
  }
  const log = new LogBuilder()
  log.events.samplingTable(0, 'heap', table, 1185).thread(0, 2).alloc(50, 0, 48).counters(250, counters)
  expect(Buffer.from(log.events.take()).toString('hex')).toBe(bytes.toString('hex'))
  const reader = read(log.write(folder.base('table')))
  expect(Array.from(reader.events())).toEqual([
    { kind: 'sampling', time: 0, thread: 0, domain: 'heap', rule: 1, interval: 0, table, draw: 1185 },
    { kind: 'alloc', time: 0.00005, thread: 2, trace: 0, size: 48, scale: 10_000 },
    { kind: 'counters', time: 0.00025, thread: 2, counters },
  ])
  reader.close()
})

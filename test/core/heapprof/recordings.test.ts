// What heapprof recorded and what its own reader says of it, against what we read: see fixtures/record.py.
import { writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import type { AllocEvent, FreeEvent } from '../../../src/core/events.js'
import { type Reader, read, recordingOf } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { logFolder } from '../../support/log-builder.js'
import { bytesOf, FIXTURES, fixture, judgement } from './fixtures.js'

const folder = logFolder()
afterAll(folder.remove)

/** What record.py asked for. heapprof rounds probabilities down as it writes them. */
const DEFAULT = {
  table: [
    [128, 1e-4],
    [8192, 0.1],
  ],
}
const ASKED = {
  shipped: DEFAULT,
  default: DEFAULT,
  cut: DEFAULT,
  everything: { table: [] },
  table: {
    table: [
      [100, 0],
      [512, 0.25],
      [4096, 0.5],
      [Number.MAX_SAFE_INTEGER, 1],
    ],
  },
  backward: { table: [[900, 0]] },
}

function memoryEvents(reader: Reader): (AllocEvent | FreeEvent)[] {
  const events: (AllocEvent | FreeEvent)[] = []
  for (const event of reader.events()) if (event.kind === 'alloc' || event.kind === 'free') events.push(event)
  return events
}

function liveBytes(reader: Reader): Map<number, number> {
  const live = new Map<number, number>()
  for (const { kind, trace, size, scale } of memoryEvents(reader)) {
    live.set(trace, (live.get(trace) ?? 0) + (kind === 'alloc' ? size : -size) * scale)
  }
  return live
}

test.each(FIXTURES)('%s: stacks, table and start are those that heapprof reads', (name) => {
  const said = judgement(name)
  using reader = read(fixture(name))
  expect(reader.traceCount).toBe(said.traces.length)
  for (const [index, lines] of said.traces.entries()) {
    const { frames, domain, truncated } = reader.trace(index + 1)
    expect(frames.map(({ file, line }) => [file, line])).toEqual([...lines].reverse())
    expect({ domain, truncated }).toEqual({ domain: 'heap', truncated: false })
    for (const frame of frames) {
      expect(frame).toMatchObject({ function: '(unknown)', column: 0, approximate: false })
    }
  }
  const table = said.samplingRate.map(([bound, p]) => [Math.min(bound, Number.MAX_SAFE_INTEGER), p])
  expect(reader.header).toMatchObject({ sampling: ASKED[name], source: 'heapprof', domains: ['heap'] })
  expect(reader.sampling).toEqual({ heap: { rule: 1, interval: 0, table, draw: 1 } })
  expect(reader.header?.startTime).toBeCloseTo(said.initialTime * 1000, 2)
})

test.each(FIXTURES)('%s: events have the traces, sizes and scales that heapprof reads', (name) => {
  const said = judgement(name)
  using reader = read(fixture(name))
  const events = memoryEvents(reader)
  expect(events.length).toBe(said.eventCount)
  for (const [index, [trace, size, scale]] of said.events.entries()) {
    const event = events[index] as AllocEvent
    expect(event).toMatchObject({ kind: size < 0 ? 'free' : 'alloc', size: Math.abs(size), thread: 0 })
    expect(event.trace).toBe(trace <= said.traces.length ? trace : 0)
    expect(event.scale).toBeCloseTo(scale, 9)
  }
  expect(reader.end).toBe(name === 'cut' ? undefined : '')
})

test.each(FIXTURES)('%s: the same bytes are live at the end, trace by trace', (name) => {
  const said = judgement(name)
  using reader = read(fixture(name))
  const live = liveBytes(reader)
  const expected = new Map<number, number>()
  for (const [trace, bytes] of Object.entries(said.liveBytes)) {
    const known = Number(trace) <= said.traces.length ? Number(trace) : 0
    expected.set(known, (expected.get(known) ?? 0) + bytes)
  }
  expect(expected.size).toBeGreaterThan(0)
  for (const [trace, bytes] of live) expect(bytes).toBeCloseTo(expected.get(trace) ?? 0, 3)
  expect(Array.from(live.values()).reduce((sum, bytes) => sum + bytes)).toBeCloseTo(
    Array.from(expected.values()).reduce((sum, bytes) => sum + bytes),
    3,
  )
})

test.each(['shipped', 'default', 'everything', 'table'] as const)(
  '%s: times are those that heapprof reads',
  (name) => {
    const said = judgement(name)
    using reader = read(fixture(name))
    const events = memoryEvents(reader)
    // heapprof adds to seconds since 1970, which a double knows to a quarter of a microsecond.
    for (const [index, [, , , time]] of said.events.entries())
      expect(events[index]?.time).toBeCloseTo(time, 4)
    expect(reader.duration).toBe(events.at(-1)?.time)
  },
)

test('B10: a clock that was set back counts as no time, and what comes after it is right again', () => {
  using reader = read(fixture('backward'))
  const [first, second, third, fourth] = memoryEvents(reader).map(({ time }) => time) as number[] as [
    number,
    number,
    number,
    number,
  ]
  // 0.2 s, then 0.25 s back, then 0.05 s: heapprof reads the second step as 1.75 s back.
  expect(judgement('backward').events[2]?.[3]).toBeLessThan(-1.5)
  expect(second - first).toBeGreaterThan(0.2)
  expect(second - first).toBeLessThan(0.4)
  expect(third).toBe(second)
  expect(fourth - third).toBeGreaterThan(0.05)
  expect(fourth - third).toBeLessThan(0.2)
})

test('a cut recording reads to its last whole stack and event, and says how much was left out', () => {
  using whole = read(fixture('default'))
  using reader = read(fixture('cut'))
  expect(reader.traceCount).toBe(whole.traceCount - 1)
  const events = memoryEvents(reader)
  const expected = memoryEvents(whole).slice(0, -1)
  expect(events).toEqual(
    expected.map((event) => ({ ...event, trace: event.trace <= reader.traceCount ? event.trace : 0 })),
  )
  // What is left of a stack in one file, of an event in the other.
  const { truncated } = reader
  expect(truncated).toBeGreaterThan(1)
  expect(whole.truncated).toBe(0)
  expect(judgement('cut').error).not.toBe('')
})

test('sites are known by file and line', () => {
  using reader = read(fixture('default'))
  const found = sites(reader)
  expect(found.sites.length).toBeGreaterThan(0)
  for (const site of found.sites) {
    expect(site).toMatchObject({ file: 'record.py', function: '(unknown)', domain: 'heap', column: 0 })
  }
  const live = found.sites.reduce((sum, site) => sum + site.live, 0)
  expect(live).toBeCloseTo(
    Array.from(liveBytes(reader).values()).reduce((sum, bytes) => sum + bytes),
    3,
  )
})

test('B1: heapprof records every allocation on Linux and says it did not; assumeAll takes it at what it did', () => {
  // The program of `shipped` holds 3 lists of 30 small and 40 middle objects and 5 pairs of large ones at most.
  using asSaid = read(fixture('shipped'))
  using asDone = read(fixture('shipped'), { assumeAll: true })
  const total = (reader: Reader): number =>
    Array.from(liveBytes(reader).values()).reduce((sum, bytes) => sum + bytes)
  expect(total(asSaid)).toBeGreaterThan(100e6)
  expect(total(asDone)).toBeGreaterThan(200e3)
  expect(total(asDone)).toBeLessThan(500e3)
  expect(asDone.sampling).toEqual({ heap: { rule: 1, interval: 0, table: [], draw: 1 } })
  expect(asDone.header).toEqual(asSaid.header)
})

test('a digest of the numbers as they are said is not one of those that assumeAll makes', () => {
  const idOf = (reader: Reader) => Buffer.from(recordingOf(reader).origin.sessionId).toString('hex')
  using asSaid = read(fixture('shipped'))
  using again = read(fixture('shipped'))
  using asDone = read(fixture('shipped'), { assumeAll: true })
  using other = read(fixture('default'))
  expect(idOf(again)).toBe(idOf(asSaid))
  expect(new Set([asSaid, asDone, other].map(idOf)).size).toBe(3)
})

test('options that read() does not know are refused', () => {
  const open = read as (base: string, options: unknown) => Reader
  for (const options of [{ assumeAl: true }, { assumeAll: 'yes' }, true]) {
    expect(() => open(fixture('default'), options)).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    )
  }
})

test('a recording that grows is read to where it was when it was opened', () => {
  const [hpm, hpd] = [bytesOf('default', 'hpm'), bytesOf('default', 'hpd')]
  const base = folder.base('growing')
  writeFileSync(`${base}.hpm`, hpm)
  writeFileSync(`${base}.hpd`, hpd.subarray(0, 500))
  using reader = read(base)
  const before = memoryEvents(reader).length
  writeFileSync(`${base}.hpd`, hpd)
  expect(memoryEvents(reader).length).toBe(before)
  using again = read(base)
  expect(memoryEvents(again).length).toBe(judgement('default').eventCount)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Data, readData } from '../../../src/core/page/browser/data.js'
import { linesOf, sumOf } from '../../../src/core/page/browser/lines.js'
import { liveByDomain, type Measure, sumsOf } from '../../../src/core/page/browser/sums.js'
import { Trees } from '../../../src/core/page/browser/trees.js'
import { NEVER } from '../../../src/core/page/data/format.js'
import { pageData } from '../../../src/core/page/data/page-data.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { sites } from '../../../src/core/reduce/sites.js'
import { logFolder } from '../../support/log-builder.js'
import { busyRecording } from './recordings.js'

const folder = logFolder()
let reader: Reader
let data: Data

beforeAll(async () => {
  reader = read(busyRecording(folder.base('busy'), 20_000))
  data = await dataOf(reader)
})
afterAll(() => {
  reader.close()
  folder.remove()
})

async function dataOf(...readers: Reader[]): Promise<Data> {
  return await readData(
    pageData(readers, { nameOf: (file) => file, sourceRoot: undefined, onProgress: undefined }).text,
  )
}

function totalOf(from: number, to: number, measure: Measure): number {
  const [profile] = data.profiles as [Data['profiles'][0]]
  const domains = data.head.domains.map(() => true)
  return sumOf(sumsOf(data, profile, { from, to }, { measure, domains })).bytes
}

test('of spans between edges, the page says what the reader says', () => {
  const [profile] = data.profiles as [Data['profiles'][0]]
  const { edges, steps } = profile
  expect(steps).toBeGreaterThan(900)
  for (const [from, to] of [
    [0, steps],
    [0, 1],
    [10, 400],
    [399, 401],
    [steps - 3, steps],
  ] as const) {
    const seconds = {
      from: from === 0 ? undefined : (edges[from] as number) / 1e6,
      to: (edges[to] as number) / 1e6,
    }
    const span = reader.span(seconds)
    expect(totalOf(from, to, 'allocated')).toBeCloseTo(span.allocated, 0)
    expect(totalOf(from, to, 'temporary')).toBeCloseTo(span.temporary, 0)
    expect(totalOf(from, to, 'retained')).toBeCloseTo(span.live, 0)
  }
})

test('what is live at edges is what the reader says, at the peak too', () => {
  const [profile] = data.profiles as [Data['profiles'][0]]
  const { edges, steps, peakTime, peakBytes } = profile
  const live = liveByDomain(data, profile)
  const peak = edges.indexOf(peakTime)
  expect(peak).toBeGreaterThan(0)
  expect(totalOf(0, peak, 'live')).toBeCloseTo(peakBytes, 0)
  expect(peakBytes).toBeCloseTo(reader.peak().bytes, 5)
  expect(Math.max(...profile.highs)).toBeCloseTo(peakBytes, 0)
  for (const edge of [1, 100, peak, steps]) {
    const all = live.reduce((sum, list) => sum + (list[edge] as number), 0)
    expect(all).toBeCloseTo(totalOf(0, edge, 'live'), 0)
  }
  const end = reader.snapshotAt(reader.duration).traces.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(totalOf(0, steps, 'live')).toBeCloseTo(end, 0)
})

test('lines are those of sites()', () => {
  const [profile] = data.profiles as [Data['profiles'][0]]
  const domains = data.head.domains.map((name) => name === 'heap')
  const after = sumsOf(data, profile, { from: 0, to: profile.steps }, { measure: 'allocated', domains })
  const stacks = new Trees(data, after.bytes).stacks(true)
  const rows = linesOf(data, stacks, { after, before: undefined })
  const { head, stacks: columns } = data
  const known = new Map(
    rows.map((row) => {
      const name = head.names[columns.frameNames[row.frame] as number]
      return [
        `${name} ${head.files[columns.frameFiles[row.frame] as number]}:${columns.frameLines[row.frame]}`,
        row,
      ]
    }),
  )
  const expected = sites(reader).sites.filter(({ domain }) => domain === 'heap')
  expect(expected.length).toBeGreaterThan(5)
  for (const site of expected) {
    const row = known.get(`${site.function} ${site.file}:${site.line}`)
    expect(row?.self).toBeCloseTo(site.self, -1)
    expect(row?.total).toBeCloseTo(site.total, -1)
    expect(row?.allocations).toBeCloseTo(site.allocations, 1)
    expect((row?.error ?? 0) / site.self).toBeCloseTo(site.error, 5)
  }
})

test('a free whose age is off finds the object all the same, and no byte stays', async () => {
  const { LogBuilder } = await import('../../support/log-builder.js')
  const builder = new LogBuilder()
  const trace = builder.trace([{ line: 3 }])
  builder.events.sampling(0, 'heap', 1)
  for (let time = 0; time < 1000; time += 10) builder.events.alloc(time, trace, 100 + time)
  // As if each had been allocated 3 microseconds after it was written.
  for (let time = 0; time < 1000; time += 10) builder.events.free(2000, trace, 100 + time, 2000 - time - 3)
  using log = read(builder.write(folder.base('off')))
  const off = await dataOf(log)
  const [profile] = off.profiles as [Data['profiles'][0]]
  expect(profile.cellDeaths.includes(NEVER as never)).toBe(false)
  const domains = off.head.domains.map(() => true)
  const whole = { from: 0, to: profile.steps }
  expect(sumOf(sumsOf(off, profile, whole, { measure: 'live', domains })).bytes).toBe(0)
  expect(sumOf(sumsOf(off, profile, whole, { measure: 'temporary', domains })).bytes).toBe(
    log.span().allocated,
  )
})

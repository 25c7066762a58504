import { parseFragment } from 'parse5'
import { afterAll, describe, expect, test } from 'vitest'
import { type Reader, read, type TimePlotOptions } from '../../../src/core/reader.js'
import { timePlotSvg } from '../../../src/core/timeplot/svg.js'
import { byteTicks, timeTicks } from '../../../src/core/timeplot/ticks.js'
import type { TimePlot } from '../../../src/core/timeplot/time-plot.js'
import { drawn, FEED, image } from '../../support/feed.js'
import { type LogBuilder, logFolder } from '../../support/log-builder.js'
import { exactLog, NASTY } from '../export/support.js'

const folder = logFolder()
afterAll(folder.remove)

function opened<T>(log: LogBuilder, use: (reader: Reader) => T): T {
  using reader = read(log.write(folder.base('log')))
  return use(reader)
}

/** Two seconds: 100 bytes on the heap in line 2, from 0.5 s on a buffer of 300 in line 7; at 1 s the 100 are freed. */
function recording(): LogBuilder {
  const log = exactLog()
  const main = { function: 'main', line: 9 }
  const heap = log.trace([{ function: 'a', line: 2 }, main])
  const buffer = log.trace([{ function: 'b', line: 7 }, main], 'arrayBuffer')
  log.events.alloc(100, heap, 100).alloc(500_000, buffer, 300)
  log.events.collection(900_000, 1, 10, 9, 8)
  log.events.collection(1_000_000, 8, 10, 8, 8)
  log.events.collection(1_000_000, 4, 10, 8, 1)
  return log.events.free(1_000_000, heap, 100, 999_900).alloc(2_000_000, buffer, 100) && log
}

/** What a plot says at a time. */
function at(plot: TimePlot, time: number): unknown {
  const index = plot.times.findLastIndex((known) => known <= time)
  const series = plot.series.map(({ name, bytes, share }) => [name, bytes[index], share[index]])
  return [plot.total[index], ...series]
}

describe('reader.timePlot', () => {
  const plotOf = (lines?: Record<string, string>, options?: TimePlotOptions) =>
    opened(recording(), (reader) => reader.timePlot(lines, options))

  test('all live bytes, and the collections that free', () => {
    const plot = plotOf()
    expect([0, 0.4, 0.6, 1.5, 2].map((time) => at(plot, time))).toEqual([[0], [100], [400], [300], [400]])
    expect(plot.collections).toEqual([
      { time: 0.9, isMajor: false },
      { time: 1, isMajor: true },
    ])
  })

  test('bytes and shares of lines', () => {
    const plot = plotOf({ a: 'main.js:2', everything: '/app/main.js:9' })
    expect([0, 0.6, 1.5].map((time) => at(plot, time))).toEqual([
      [0, ['a', 0, 0], ['everything', 0, 0]],
      [400, ['a', 100, 0.25], ['everything', 400, 1]],
      [300, ['a', 0, 0], ['everything', 300, 1]],
    ])
    expect(at(plotOf({ main: 'main.js:9' }, { cumulative: false }), 2)).toEqual([400, ['main', 0, 0]])
  })

  test('by domain those that were used, and by thread', () => {
    expect(at(plotOf({}, { by: 'domain' }), 0.6)).toEqual([
      400,
      ['heap', 100, 0.25],
      ['arrayBuffer', 300, 0.75],
    ])
    expect(at(plotOf({}, { by: 'thread' }), 0.6)).toEqual([400, ['thread 0', 400, 1]])
  })

  test('refuses', () => {
    expect(() => plotOf({}, { by: 'file' as 'domain' })).toThrow(
      "timePlot: by must be 'domain' or 'thread', received \"file\"",
    )
    expect(() => plotOf({ a: 'main.js:2' }, { by: 'domain' })).toThrow(
      'timePlot: give lines or `by`, not both',
    )
    expect(() => plotOf({ a: 'main.js:3' })).toThrow(expect.objectContaining({ code: 'unknown-line' }))
    expect(() => plotOf({}, { byy: 1 } as TimePlotOptions)).toThrow('did you mean "by"?')
  })
})

describe('ticks', () => {
  const labels = (ticks: readonly { label: string }[]) => ticks.map(({ label }) => label).join(' | ')

  test.each([
    [0, '0 B | 1 B'],
    [1, '0 B | 1 B'],
    [7, '0 B | 2 B | 4 B | 6 B | 8 B'],
    [1000, '0 B | 200 B | 400 B | 600 B | 800 B | 1 kB'],
    [20.4e6, '0 B | 5 MB | 10 MB | 15 MB | 20 MB | 25 MB'],
    [999_999, '0 B | 200 kB | 400 kB | 600 kB | 800 kB | 1 MB'],
    [3e12, '0 B | 1 TB | 2 TB | 3 TB'],
  ])('%d bytes', (bytes, expected) => {
    expect(labels(byteTicks(bytes, 5))).toBe(expected)
  })

  test.each([
    [0, '0 s'],
    [0.003, '0 | 0.5 ms | 1 ms | 1.5 ms | 2 ms | 2.5 ms | 3 ms'],
    [0.8, '0 | 100 ms | 200 ms | 300 ms | 400 ms | 500 ms | 600 ms | 700 ms | 800 ms'],
    [1.7, '0 | 0.5 s | 1 s | 1.5 s'],
    [100, '0 | 15 s | 30 s | 45 s | 60 s | 75 s | 90 s'],
    [600, '0 | 2:00 min | 4:00 min | 6:00 min | 8:00 min | 10:00 min'],
    [43_000, '0 | 2:00 h | 4:00 h | 6:00 h | 8:00 h | 10:00 h'],
  ])('%d seconds', (seconds, expected) => {
    expect(labels(timeTicks(seconds, 8))).toBe(expected)
  })

  test('of any number there are few, and the last one is not below it', () => {
    for (let exponent = -3; exponent < 308; exponent += 0.37) {
      const greatest = 10 ** exponent
      const ticks = byteTicks(greatest, 5)
      expect(ticks.length).toBeLessThanOrEqual(7)
      expect(ticks.at(-1)?.value).toBeGreaterThanOrEqual(greatest * (1 - 1e-9))
      expect(timeTicks(greatest, 8).length).toBeLessThanOrEqual(9)
    }
  })
})

describe('timePlotSvg', () => {
  /** The texts of the image, as a browser reads them. */
  function textsOf(svg: string): string[] {
    return [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, markup = '']) => {
      const [node] = parseFragment(markup).childNodes
      return node !== undefined && 'value' in node ? node.value : ''
    })
  }

  test('a recorded program: all of it, some lines, domains', async () => {
    using reader = read(FEED)
    await expect(timePlotSvg(reader.timePlot())).toMatchFileSnapshot(drawn('total.svg'))
    const lines = { rows: 'parse.mjs:7', cache: 'cache.mjs:6', packed: 'cache.mjs:10' }
    await expect(timePlotSvg(reader.timePlot(lines))).toMatchFileSnapshot(image('time-plot.svg'))
    await expect(timePlotSvg(reader.timePlot({}, { by: 'domain' }))).toMatchFileSnapshot(drawn('domains.svg'))
  })

  test('no number that is none, whatever there is to draw', () => {
    const one = { name: 'a', bytes: [5], share: [0.5] }
    const odd: TimePlot[] = [
      { times: [], total: [], series: [], collections: [] },
      { times: [0], total: [0], series: [], collections: [] },
      { times: [0], total: [10], series: [one], collections: [{ time: 0, isMajor: true }] },
      { times: [0, 0], total: [0, 7], series: [], collections: [] },
      { times: [0, 1], total: [0, Number.POSITIVE_INFINITY], series: [], collections: [] },
      { times: [0, 1e9], total: [1e18, 1], series: [], collections: [{ time: 2e9, isMajor: false }] },
    ]
    for (const plot of odd) expect(timePlotSvg(plot)).not.toMatch(/NaN|Infinity|undefined/)
    expect(textsOf(timePlotSvg(odd[1] as TimePlot))).toContain('nothing was live at the time of any snapshot')
    expect(timePlotSvg(odd[2] as TimePlot).match(/<circle/g)).toHaveLength(3)
    opened(exactLog(), (reader) => expect(timePlotSvg(reader.timePlot())).toContain('nothing was live'))
  })

  test('names are text, and all of them are in the legend', () => {
    const series = NASTY.map((name) => ({ name, bytes: [1, 2], share: [1, 1] }))
    const svg = timePlotSvg({ times: [0, 1], total: [1, 2], series, collections: [] })
    expect(svg).not.toMatch(/<script|<!--/)
    expect(svg).not.toMatch(/(?!\n)[\p{Cc}\ufffe]/u)
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining(['</script><script>alert(1)</script>', '<!--', '\\u{0}', '(no name)']),
    )
    expect(svg.match(/class="line"/g)).toHaveLength(3 * NASTY.length)
  })

  test('what is no plot is refused', () => {
    for (const given of [undefined, {}, 'plot', { times: [0] }]) {
      expect(() => timePlotSvg(given as unknown as TimePlot)).toThrow(
        'timePlotSvg: expected a time plot, received',
      )
    }
  })

  test('many points are drawn as few, and no peak gets lost', () => {
    const count = 200_000
    const times = Array.from({ length: count }, (_, index) => index)
    const total = times.map((index) => (index === 123_456 ? 1000 : index % 2))
    const collections = times.map((time) => ({ time, isMajor: false }))
    const svg = timePlotSvg({ times, total, series: [], collections })
    expect(svg.length).toBeLessThan(700_000)
    const heights = [...svg.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y))
    expect(Math.min(...heights)).toBe(34) // the upper edge
  })
})

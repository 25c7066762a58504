import { afterAll, describe, expect, test } from 'vitest'
import { exactSnapshot } from '../../../src/core/reader/exact-snapshot.js'
import { type Reader, read } from '../../../src/core/reader.js'
import { diffSites } from '../../../src/core/reduce/diff-sites.js'
import { sites } from '../../../src/core/reduce/sites.js'
import type { Site } from '../../../src/core/types.js'
import { logFolder } from '../../support/log-builder.js'
import { exactLog } from '../export/support.js'

const folder = logFolder()
afterAll(folder.remove)

function site(line: number, self: number, error = 0, more: Partial<Site> = {}): Site {
  const place = { function: 'f', file: '/app/a.js', line, column: 3, domain: 'heap' as const }
  return { ...place, self, total: self, live: self, allocations: 1, samples: 1, error, ...more }
}

const summary = (...all: Site[]) => ({ sites: all, self: 0, samples: 0, error: 0 })

describe('diffSites', () => {
  test('the greatest change first, more or less, also of lines that only one has', () => {
    const diffs = diffSites(
      summary(site(1, 100), site(2, 50), site(3, 7)),
      summary(site(1, 110), site(4, 20), site(3, 7)),
    )
    expect(diffs.map(({ line, before, after, change }) => [line, before, after, change])).toEqual([
      [2, 50, 0, -50],
      [4, 0, 20, 20],
      [1, 100, 110, 10],
      [3, 7, 7, 0],
    ])
  })

  test('a line is its function, file, number and domain; a column is none', () => {
    const diffs = diffSites(
      summary(site(1, 10), site(1, 20, 0, { domain: 'arrayBuffer' }), site(1, 30, 0, { function: 'g' })),
      summary(site(1, 11, 0, { column: 9 }), site(1, 40, 0, { file: '/app/b.js' })),
    )
    expect(diffs.map(({ change, column }) => [change, column])).toEqual([
      [40, 3],
      [-30, 3],
      [-20, 3],
      [1, 9],
    ])
  })

  test('the doubt is two standard errors of both', () => {
    const [diff] = diffSites(summary(site(1, 300, 0.1)), summary(site(1, 400, 0.1)))
    expect(diff?.doubt).toBeCloseTo(2 * Math.sqrt(30 ** 2 + 40 ** 2))
    expect(diffSites(summary(), summary(site(1, 400, 1)))[0]?.doubt).toBe(800)
  })
})

describe('exactSnapshot', () => {
  const opened = <T>(use: (reader: Reader) => T): T => {
    const log = exactLog()
    const [a, b] = [log.trace([{ function: 'a' }]), log.trace([{ function: 'b' }], 'arrayBuffer')]
    log.events.alloc(100, a, 10).alloc(200, b, 500).alloc(300, a, 20).free(300, b, 500, 100)
    log.events.alloc(250_000, a, 1).end(400_000)
    using reader = read(log.write(folder.base('log')))
    return use(reader)
  }

  test('every event up to a time counts', () => {
    const at = (time: number | 'peak' | 'end') =>
      opened((reader) =>
        exactSnapshot(reader, time).traces.map(({ trace, bytes, allocations, samples }) => {
          return [trace.frames[0]?.function, bytes, allocations, samples]
        }),
      )
    expect(at(0)).toEqual([])
    expect(at(0.000_1)).toEqual([['a', 10, 1, 1]])
    expect(at(0.000_299)).toEqual([
      ['b', 500, 1, 1],
      ['a', 10, 1, 1],
    ])
    expect(at('peak')).toEqual([
      ['b', 500, 1, 1],
      ['a', 10, 1, 1],
    ])
    expect(at('end')).toEqual([['a', 31, 3, 3]])
  })

  test('it has its time, and can be asked for sites', () => {
    opened((reader) => {
      expect(exactSnapshot(reader, 'peak').time).toBe(0.0002)
      expect(exactSnapshot(reader, 99).time).toBe(reader.duration)
      expect(sites(exactSnapshot(reader, 'peak')).self).toBe(510)
    })
  })
})

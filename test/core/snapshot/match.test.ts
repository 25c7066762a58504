import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAllowed } from '../../../src/core/snapshot/amount.js'
import { matchDigest } from '../../../src/core/snapshot/match.js'
import { parseSnapshot } from '../../../src/core/snapshot/parse.js'
import { renderDigest } from '../../../src/core/snapshot/render.js'
import type { DigestSite, HeapDigest, StoredBlock } from '../../../src/core/snapshot/types.js'
import { updatedBlock } from '../../../src/core/snapshot/update.js'
import { digest, FEED, FEED_TEXT, site } from './digests.js'

const block = (text: string) => parseSnapshot(text, 'it')[0] as StoredBlock
const compare = (text: string, now: HeapDigest, tolerance?: string) =>
  matchDigest(block(text), now, tolerance === undefined ? undefined : readAllowed(tolerance))
const update = (text: string, now: HeapDigest) =>
  updatedBlock(block(text), now, compare(text, now), { sites: 10, tolerance: undefined })
/** The feed, with some of its sites as given. */
const feed = (change: Record<string, Partial<DigestSite>>) =>
  digest((FEED.sites ?? []).map((each) => ({ ...each, ...change[each.function] })))
const grown = (factor: number) =>
  digest((FEED.sites ?? []).map((each) => ({ ...each, bytes: each.bytes * factor })))

describe('tolerance', () => {
  test.each<[string, string, HeapDigest, string | undefined, string]>([
    ['nothing changed', FEED_TEXT, FEED, undefined, 'same'],
    ['5 % more', FEED_TEXT, grown(1.05), undefined, 'same'],
    ['5 % less', FEED_TEXT, grown(0.95), undefined, 'same'],
    ['12 % more', FEED_TEXT, grown(1.12), undefined, 'grew'],
    ['12 % less', FEED_TEXT, grown(0.88), undefined, 'smaller'],
    ['12 % more with a tolerance of 20 %', FEED_TEXT, grown(1.12), '20%', 'same'],
    ['5 % more with a tolerance of 2 %', FEED_TEXT, grown(1.05), '2%', 'grew'],
    [
      '1 MB more in all, with as many bytes allowed',
      FEED_TEXT,
      feed({ parseRow: { bytes: 5_512_345 } }),
      '1 MB',
      'same',
    ],
    ['a site 50 % more', FEED_TEXT, feed({ add: { bytes: 4_000_000 } }), undefined, 'grew'],
    ['a site gone', FEED_TEXT, feed({ add: { bytes: 0 } }), undefined, 'smaller'],
    [
      'one more and another less',
      FEED_TEXT,
      feed({ add: { bytes: 3_671_000 }, parseRow: { bytes: 3_512_345 } }),
      undefined,
      'grew',
    ],
    ['another line', FEED_TEXT, feed({ add: { line: 99 } }), undefined, 'same'],
    ['another file', FEED_TEXT, feed({ add: { file: 'src/other.ts' } }), undefined, 'grew'],
    ['another domain', FEED_TEXT, feed({ read: { domain: 'heap' } }), undefined, 'grew'],
    [
      'a new site of a hundredth',
      FEED_TEXT,
      digest([...(FEED.sites ?? []), site('x', 'x.ts', 70_000)]),
      undefined,
      'same',
    ],
    [
      'a new site of a twentieth',
      FEED_TEXT,
      digest([...(FEED.sites ?? []), site('x', 'x.ts', 400_000)]),
      undefined,
      'grew',
    ],
    [
      'a site that is not known well',
      FEED_TEXT,
      { ...feed({ read: { bytes: 700_000, error: 90_000 } }), totals: FEED.totals },
      undefined,
      'same',
    ],
    [
      '500 bytes where there were none',
      FEED_TEXT.replace('391 kB', '0 B'),
      digest(FEED.sites ?? [], { totals: { heap: 7_213_345, arrayBuffer: 500, native: undefined } }),
      undefined,
      'same',
    ],
    [
      '600 bytes where there were none',
      FEED_TEXT.replace('391 kB', '0 B'),
      digest(FEED.sites ?? [], { totals: { heap: 7_213_345, arrayBuffer: 600, native: undefined } }),
      undefined,
      'grew',
    ],
    [
      'a domain that was not counted then',
      FEED_TEXT,
      { ...FEED, totals: { ...FEED.totals, native: 1e6 } },
      undefined,
      'grew',
    ],
    [
      'a disturbed reading',
      FEED_TEXT,
      { ...grown(1.15), sites: undefined, certainty: { ...FEED.certainty, absolute: 524_788 } },
      undefined,
      'same',
    ],
    ['no sites this time', FEED_TEXT, { ...FEED, sites: undefined }, undefined, 'same'],
    ['no sites then', FEED_TEXT.split('\n').slice(0, 3).join('\n'), FEED, undefined, 'same'],
    [
      'allowed by hand',
      FEED_TEXT.replace('2.7 MB', '2.7 MB ±50%').replace('7.21 MB', '7.21 MB ±2 MB'),
      feed({ add: { bytes: 4_000_000 } }),
      undefined,
      'same',
    ],
    [
      'more than allowed by hand',
      FEED_TEXT.replace('2.7 MB', '2.7 MB ±1%'),
      feed({ add: { bytes: 2_800_000 } }),
      undefined,
      'grew',
    ],
    [
      'what is allowed by hand beats the option',
      FEED_TEXT.replace('2.7 MB', '2.7 MB ±1%'),
      feed({ add: { bytes: 2_800_000 } }),
      '90%',
      'grew',
    ],
  ])('%s', (_, text, now, tolerance, verdict) => {
    expect(compare(text, now, tolerance).verdict).toBe(verdict)
  })

  test('what was just written is always the same', () => {
    const sites = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        bytes: fc.integer({ min: 1, max: 1e9 }),
        error: fc.double({ min: 0, max: 0.5, noNaN: true }),
      }),
      { selector: ({ name }) => name },
    )
    fc.assert(
      fc.property(sites, fc.integer({ min: 0, max: 6 }), (given, most) => {
        const now = digest(
          given.map(({ name, bytes, error }) => site(name, 'a.ts', bytes, { error: error * bytes })),
        )
        const text = renderDigest(now, most)
        expect(compare(text, now).changes.filter(({ verdict }) => verdict !== 'same')).toEqual([])
        expect(update(text, now)).toBe(text)
      }),
      { endOnFailure: true },
    )
  })

  test('two draws of the same are never told apart: one of 16,000 would be', () => {
    // Seeded: 2,000 pairs of draws, some 12,000 lines. By chance alone 0.1 of them would be farther apart than the
    // statistics allow; the tenth and the hundredth that are allowed besides make it less.
    let state = 12_345
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return (state + 0.5) / 2_147_483_648
    }
    const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
    const draw = (mean: number, interval: number) => {
      const bytes = Math.max(0, mean + Math.sqrt(mean * interval) * normal())
      return { bytes, error: Math.sqrt(bytes * interval) }
    }
    let worst = 'same'
    for (let pair = 0; pair < 2000; pair++) {
      const means = [8e6, 1e6, 3e5, 1e5, 2e4].map((most) => most * random())
      const interval = 10 ** (2 + 3 * random())
      const of = () =>
        digest(
          means.map((mean, i) => site(`f${i}`, 'a.ts', 0, draw(mean, interval))),
          {
            samplingInterval: interval,
            totals: { heap: 9e6, arrayBuffer: 0, native: undefined },
          },
        )
      const { verdict } = compare(renderDigest(of()), of())
      if (verdict !== 'same') worst = verdict
    }
    expect(worst).toBe('same')
  })
})

describe('an update', () => {
  test('leaves every line that is within tolerance as it is', () => {
    const widened = FEED_TEXT.replace('   4.5 MB', ' 4.49 MB +-25%').replace(':12', ':1')
    expect(update(widened, grown(1.04))).toBe(widened)
  })

  test('rewrites what changed, and nothing else', () => {
    const text = FEED_TEXT.replace('2.7 MB', '2.7 MB +-25%')
    const now = feed({ add: { bytes: 5_000_000, line: 14 }, parseRow: { bytes: 4_600_000, line: 50 } })
    expect(update(text, now)).toBe(
      [
        'node 22, x64, vitest 4',
        '  9.63 MB  heap',
        '   391 kB  array buffers',
        '     5 MB ±25%  add  src/cache.ts:14',
        '   4.5 MB  parseRow  src/feed.ts:23',
        '   390 kB  read  src/io.ts:7  (array buffer)',
        '    30 kB  elsewhere',
      ].join('\n'),
    )
  })

  test('of a renamed function', () => {
    const now = feed({ add: { function: 'put' } })
    expect(update(FEED_TEXT, now)).toBe(FEED_TEXT.replace('add', 'put'))
  })

  test('takes out what is gone, and lists what is new', () => {
    const now = digest([
      ...(FEED.sites ?? []).filter((each) => each.function !== 'add'),
      site('x', 'x.ts', 900_000),
    ])
    expect(update(FEED_TEXT, now)).toBe(
      FEED_TEXT.replace('7.21 MB', '5.44 MB').replace(
        '   2.7 MB  add  src/cache.ts:12',
        '   900 kB  x  x.ts:1',
      ),
    )
  })

  test('keeps the sites when none were sampled', () => {
    const now = { ...grown(2), sites: undefined }
    expect(update(FEED_TEXT, now)).toBe(FEED_TEXT.replace('7.21 MB', '14.4 MB').replace('391 kB', '782 kB'))
  })

  test('makes it the same', () => {
    const sites = fc.array(fc.tuple(fc.integer({ min: 0, max: 1e7 }), fc.integer({ min: 0, max: 1e7 })), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(sites, (pairs) => {
        const of = (index: 0 | 1) => digest(pairs.map((pair, i) => site(`f${i}`, 'a.ts', pair[index])))
        const text = update(renderDigest(of(0)), of(1))
        expect(compare(text, of(1)).changes.filter(({ verdict }) => verdict !== 'same')).toEqual([])
        expect(update(text, of(1))).toBe(text)
      }),
      { endOnFailure: true },
    )
  })
})

import { describe, expect, test } from 'vitest'
import { about, exactly, judge, unknown } from '../../../src/core/bracket/findings.js'
import { type Limit, readLimits, readOwnLimits } from '../../../src/core/bracket/limits.js'
import { limitsFor } from '../../../src/core/bracket/limits-for.js'
import {
  type BracketOptions,
  checkBracketOptions,
  profileSettings,
} from '../../../src/core/bracket/options.js'
import type { HeapproofError } from '../../../src/core/errors.js'

const messageOf = (fn: () => unknown): string => {
  try {
    fn()
  } catch (error) {
    return `${(error as HeapproofError).code}: ${(error as Error).message}`
  }
  throw new Error('nothing was thrown')
}

const limitOf = (bytes: number, own = false): Limit => ({
  kind: 'allocated',
  size: { bytes, family: 'bytes' },
  given: bytes,
  own,
})

describe('judge', () => {
  test.each([
    ['as much as the limit', exactly(100), 'kept', false],
    ['a byte more', exactly(101), 'exceeded', true],
    ['more for certain', about(200, 99, 'why'), 'exceeded', true],
    ['more, perhaps', about(200, 100, 'why'), 'cannot-tell', false],
    ['less, perhaps', about(50, 51, 'why'), 'cannot-tell', false],
    ['less for certain', about(50, 50, 'why'), 'kept', false],
  ])('%s', (_, finding, verdict, fails) => {
    expect(judge(limitOf(100), finding)).toMatchObject({ verdict, fails })
    expect(judge(limitOf(100, true), finding)).toMatchObject({ verdict, fails })
  })

  test('nothing is known: that fails the test that asked, and no other', () => {
    expect(judge(limitOf(100, true), unknown('why'))).toMatchObject({ verdict: 'cannot-tell', fails: true })
    expect(judge(limitOf(100), unknown('why'))).toMatchObject({ verdict: 'cannot-tell', fails: false })
  })
})

describe('limits', () => {
  test('are read with their units, in a fixed order', () => {
    const limits = readLimits('x', { native: 5, allocated: '5MiB' }, true)
    expect([...limits.keys()]).toEqual(['allocated', 'native'])
    expect(limits.get('allocated')).toEqual({
      kind: 'allocated',
      size: { bytes: 5 * 1024 ** 2, family: 'IEC' },
      given: '5MiB',
      own: true,
    })
  })

  test('add to others, override them, and take them back', () => {
    const base = readLimits('x', { allocated: 1, retained: 2 }, false)
    const limits = readLimits('x', { allocated: false, retained: 3, peak: 4 }, true, base)
    expect([...limits].map(([kind, { size, own }]) => [kind, size.bytes, own])).toEqual([
      ['retained', 3, true],
      ['peak', 4, true],
    ])
    expect(base.size).toBe(2)
  })

  test('count worker threads where somebody says so', () => {
    const all = readLimits('x', { workers: true }, false)
    expect([all.workers, all.size]).toEqual([true, 0])
    expect(readLimits('x', { peak: 1 }, true, all).workers).toBe(true)
    expect(readLimits('x', { workers: false }, true, all).workers).toBe(false)
    expect(readLimits('x', { peak: 1 }, true).workers).toBeUndefined()
  })

  test.each([
    [{ workers: 'yes' }, 'invalid-argument: x: workers must be'],
    [{ alocated: 1 }, 'invalid-argument: x: unknown option "alocated"; did you mean "allocated"?'],
    [{ peak: '5' }, 'invalid-size: x: peak: expected a number of bytes'],
    [{ peak: -1 }, 'invalid-size: x: peak: expected a number of bytes'],
    [[1], 'invalid-argument: x: expected an object with options, received [1]'],
  ])('says what is wrong with %j', (given, message) => {
    expect(messageOf(() => readLimits('x', given, true))).toContain(message)
  })

  test.each([undefined, null, {}, 5])('of a test must be there: %j', (given) => {
    expect(messageOf(() => readOwnLimits('x', given, new Map()))).toMatch(
      /^invalid-argument: x: expected limits/,
    )
  })

  test('of a file come from all entries that match, in order', async () => {
    const limits = (file: string, options: BracketOptions) =>
      limitsFor(`/project/${file}`, '/project', options)
    const options = {
      limits: { allocated: 1, peak: 1 },
      limitsFor: [
        { files: 'src/**', limits: { allocated: 2 } },
        { files: ['**/*.test.ts', 'x'], limits: { allocated: 3 } },
        { files: '.hidden/*', limits: { allocated: 4 } },
      ],
    } as const
    const bytes = (file: string) => limits(file, options).then((found) => found.get('allocated')?.size.bytes)
    expect(
      await Promise.all(['src/a/b.ts', 'src/b.test.ts', 'b.test.ts', 'b.ts', '.hidden/a'].map(bytes)),
    ).toEqual([2, 3, 3, 1, 4])
    expect((await limits('b.ts', options)).get('peak')?.size.bytes).toBe(1)
    expect((await limits('b.ts', {})).size).toBe(0)
  })
})

describe('options', () => {
  test.each([
    [{ limits: { allocated: '5' } }, 'invalid-size: h(): limits: allocated: expected'],
    [
      { limitsFor: [{ files: '', limits: {} }] },
      'h(): limitsFor[0]: files must be a glob or a list of globs',
    ],
    [{ limitsFor: [{ files: 'a' }] }, 'h(): limitsFor[0]: expected files and limits'],
    [{ limitsFor: [{ file: 'a', limits: {} }] }, 'unknown option "file"; did you mean "files"?'],
    [
      { limitsFor: [{ files: 'a', limits: { peek: 1 } }] },
      'h(): limitsFor[0]: limits: unknown option "peek"',
    ],
    [{ profile: { keep: 'some' } }, "h(): profile: keep must be 'failed', 'all' or 'none'"],
    [{ profile: { samplingInterval: 0 } }, 'h(): profile: samplingInterval must be a whole number'],
    [{ profile: { maxSize: 'much' } }, 'h(): profile.maxSize: expected a number of bytes'],
  ])('refuses %j', (options, message) => {
    expect(messageOf(() => checkBracketOptions('h()', options as never))).toContain(message)
  })

  test('of profiles have defaults', () => {
    expect(profileSettings('h()', undefined)).toEqual({
      samplingInterval: 131_072,
      keep: 'failed',
      maxSize: 100_000_000,
    })
    expect(profileSettings('h()', false)).toBeUndefined()
  })
})

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ProfileKeeper, relativeTo, slug } from '../../../src/core/expect/profiles.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keeper-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** Writes both files, as a recording would, and says where. */
function fill(fileBase: string): string {
  for (const end of ['.hpm', '.hpd']) writeFileSync(fileBase + end, '')
  return fileBase.slice(root.length + 1)
}

const feedTest = () => join(root, 'test/feed.test.ts')
const kept = () => readdirSync(join(root, '.heapproof/test/feed.test.ts')).sort()

describe('ProfileKeeper', () => {
  test('goes by test file and test name', () => {
    const keeper = new ProfileKeeper(root)
    expect(fill(keeper.fileBase(feedTest(), 'feed > parses a large feed'))).toBe(
      '.heapproof/test/feed.test.ts/feed-parses-a-large-feed',
    )
  })

  test('puts the project first in a run of several', () => {
    const keeper = new ProfileKeeper(root, 'Node 20')
    expect(fill(keeper.fileBase(feedTest(), 'a'))).toBe('.heapproof/node-20/test/feed.test.ts/a')
  })

  test('numbers what would collide', () => {
    const keeper = new ProfileKeeper(root)
    const bases = ['a b', 'a-b', 'A: b!'].map((name) =>
      fill(keeper.fileBase(feedTest(), name)).split('/').at(-1),
    )
    expect(bases).toEqual(['a-b', 'a-b-2', 'a-b-3'])
  })

  test('replaces what an earlier run left of the same test, and nothing else', () => {
    const earlier = new ProfileKeeper(root)
    for (const name of ['a', 'a', 'a', 'a b', 'other']) fill(earlier.fileBase(feedTest(), name))
    writeFileSync(join(root, '.heapproof/test/feed.test.ts/a.hpc'), '')
    writeFileSync(join(root, '.heapproof/test/feed.test.ts/a.txt'), '')
    fill(new ProfileKeeper(root).fileBase(feedTest(), 'a'))
    expect(kept()).toEqual(['a-b.hpd', 'a-b.hpm', 'a.hpd', 'a.hpm', 'a.txt', 'other.hpd', 'other.hpm'])
  })

  test('does not take a numbered name of this run for a leftover', () => {
    const keeper = new ProfileKeeper(root)
    fill(keeper.fileBase(feedTest(), 'a 2'))
    fill(keeper.fileBase(feedTest(), 'a'))
    expect(fill(keeper.fileBase(feedTest(), 'a'))).toMatch(/a-3$/)
    expect(kept()).toHaveLength(6)
  })

  test('makes a folder that git ignores, and leaves an existing one as it is', () => {
    const keeper = new ProfileKeeper(root)
    keeper.fileBase(feedTest(), 'a')
    const ignore = join(root, '.heapproof/.gitignore')
    expect(readFileSync(ignore, 'utf8')).toBe('*\n')
    writeFileSync(ignore, '!keep\n')
    new ProfileKeeper(root).fileBase(feedTest(), 'a')
    expect(readFileSync(ignore, 'utf8')).toBe('!keep\n')
  })

  test('stays inside its folder when the test file does not', () => {
    const keeper = new ProfileKeeper(join(root, 'packages/app'))
    const base = keeper.fileBase(join(root, 'shared/x.test.ts'), 'a')
    expect(base).toBe(join(root, 'packages/app/.heapproof/__/__/shared/x.test.ts/a'))
  })

  test('says so when the folder cannot be made', () => {
    writeFileSync(join(root, '.heapproof'), '')
    const fail = () => new ProfileKeeper(root).fileBase(feedTest(), 'a')
    expect(fail).toThrow(expect.objectContaining({ code: 'cannot-write' }))
    expect(fail).toThrow(/^cannot keep a profile in .*feed\.test\.ts: /)
  })

  test('survives folders of other things', () => {
    mkdirSync(join(root, '.heapproof/test/feed.test.ts/a.d'), { recursive: true })
    expect(fill(new ProfileKeeper(root).fileBase(feedTest(), 'a'))).toMatch(/\/a$/)
  })
})

test.each([
  ['parses a large feed', 'parses-a-large-feed'],
  ['  Über > Größe ', expect.stringMatching(/^uber-gro-e-[0-9a-f]{8}$/)],
  ['Crème brûlée', 'creme-brulee'],
  ['日本語', expect.stringMatching(/^test-[0-9a-f]{8}$/)],
  ['', expect.stringMatching(/^test-[0-9a-f]{8}$/)],
  ['../../etc/passwd', 'etc-passwd'],
  ['a/b\\c:d*e?"f<g>h|i\0j', 'a-b-c-d-e-f-g-h-i-j'],
  ['CON', expect.stringMatching(/^con-[0-9a-f]{8}$/)],
  ['com1', expect.stringMatching(/^com1-[0-9a-f]{8}$/)],
  ['console', 'console'],
  ['x'.repeat(80), 'x'.repeat(80)],
  ['x'.repeat(81), expect.stringMatching(/^x{71}-[0-9a-f]{8}$/)],
])('slug of %j', (name, expected) => {
  expect(slug(name)).toEqual(expected)
})

test('long names that begin alike stay apart', () => {
  expect(slug(`${'x'.repeat(100)} one`)).not.toBe(slug(`${'x'.repeat(100)} two`))
})

test.each([
  ['/project', '/project/src/a.ts', 'src/a.ts'],
  ['/project', '/elsewhere/a.ts', '/elsewhere/a.ts'],
  ['/project', '/project2/a.ts', '/project2/a.ts'],
  ['/project', 'node:fs', 'node:fs'],
  ['/project', 'https://cdn.test/a.js', 'https://cdn.test/a.js'],
  ['/project', '', ''],
])('seen from %s, %s is %s', (from, path, expected) => {
  expect(relativeTo(from, path)).toBe(expected)
})

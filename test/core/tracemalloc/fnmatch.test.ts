import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fnmatch } from '../../../src/core/tracemalloc/fnmatch.js'

/** Names that a pattern matches, of those given. */
function matching(pattern: string, names: readonly string[], platform = 'linux'): string[] {
  return names.filter(fnmatch(pattern, platform))
}

const NAMES = ['', 'a', 'b', 'ab', 'abc', 'a.js', 'a/b.js', '[', ']', '!', '-', 'a]', '😀', 'A']

test.each([
  ['', ['']],
  ['a', ['a']],
  ['*', NAMES],
  ['**', NAMES],
  ['?', ['a', 'b', '[', ']', '!', '-', '😀', 'A']],
  ['??', ['ab', 'a]']],
  ['*.js', ['a.js', 'a/b.js']],
  ['a*b*', ['ab', 'abc', 'a/b.js']],
  ['[ab]', ['a', 'b']],
  ['[!ab]', ['[', ']', '!', '-', '😀', 'A']],
  ['[a-z]', ['a', 'b']],
  ['[z-a]', []],
  ['[!z-a]', ['a', 'b', '[', ']', '!', '-', '😀', 'A']],
  ['[]a]', ['a', ']']],
  ['[!]a]', ['b', '[', '!', '-', '😀', 'A']],
  ['[a-]', ['a', '-']],
  ['[-a]', ['a', '-']],
  ['[a!]', ['a', '!']],
  ['[', ['[']],
  ['[]', []],
  ['[!', []],
  ['a]', ['a]']],
  ['[😀]', ['😀']],
  ['[\u{1F5FF}-\u{1F601}]', ['😀']],
  ['[a-c-e]', ['a', 'b', '-']],
])('%s', (pattern, expected) => {
  expect(matching(pattern, NAMES)).toEqual(expected)
})

test('what regular expressions know is nothing special', () => {
  for (const text of ['a.c', '(a)', 'a|b', '^a$', 'a+', '\\', '\\d', 'a{2}', '\n']) {
    expect([text, fnmatch(text, 'linux')(text)]).toEqual([text, true])
    expect(matching(text, ['abc', 'a', 'b', 'aa', 'd', '7'])).toEqual([])
  }
  expect(matching('*', ['a\nb'])).toEqual(['a\nb'])
})

test('on Windows case and the kind of slash make no difference', () => {
  expect(matching('C:/App/*.TS', ['c:\\app\\src\\a.ts', 'C:/APP/b.ts', 'd:/app/b.ts'], 'win32')).toHaveLength(
    2,
  )
  expect(matching('/App/*', ['/app/a.ts', '/App/a.ts', '\\App\\a.ts'], 'linux')).toEqual(['/App/a.ts'])
  expect(matching('/App/*', ['/app/a.ts', '/App/a.ts'], 'darwin')).toEqual(['/App/a.ts'])
})

/** The rules, one by one, without any thought of speed. Stars, question marks and letters alone. */
function naive(pattern: string, name: string): boolean {
  if (pattern === '') return name === ''
  const [first, rest] = [pattern[0] as string, pattern.slice(1)]
  if (first === '*') return naive(rest, name) || (name !== '' && naive(pattern, name.slice(1)))
  return name !== '' && (first === '?' || first === name[0]) && naive(rest, name.slice(1))
}

test('any pattern of stars, question marks and letters means what the rules say', () => {
  const pattern = fc.string({ unit: fc.constantFrom('*', '?', 'a', 'b'), maxLength: 8 })
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
  fc.assert(
    fc.property(pattern, name, (pattern, name) => {
      expect(fnmatch(pattern, 'linux')(name)).toBe(naive(pattern, name))
    }),
    { numRuns: 2000 },
  )
})

test('a name made by a pattern matches it', () => {
  const escaped = (text: string) => text.replace(/[*?[]/g, '[$&]')
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.string({ unit: 'binary' }), (texts, between) => {
      expect(fnmatch(texts.map(escaped).join('*'), 'linux')(texts.join(between))).toBe(true)
      expect(fnmatch(escaped(between), 'linux')(between)).toBe(true)
    }),
  )
})

test('no pattern takes forever: one that tries every way would not come to an end here', () => {
  expect(fnmatch(`${'*a'.repeat(500)}*b`, 'linux')('a'.repeat(5000))).toBe(false)
})

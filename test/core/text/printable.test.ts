import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { cutToColumns } from '../../../src/core/text/columns.js'
import { printable } from '../../../src/core/text/printable.js'
import { shellWord } from '../../../src/core/text/shell-word.js'

test('a name is one line that reads as what it is', () => {
  for (const [name, shown] of [
    ['imports > a feed', 'imports > a feed'],
    ['one\r\n  two\tthree\u2028four', 'one two three four'],
    ['\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['half \ud83d', 'half \\u{d83d}'],
    ['\u{e0041}tag', '\\u{e0041}tag'],
    ['👩‍👩‍👧 می‌خواهم', '👩‍👩‍👧 می‌خواهم'],
    ['', ''],
  ]) {
    expect(printable(name as string)).toBe(shown)
  }
})

test('a long name is cut, never inside a character', () => {
  expect(printable('x'.repeat(400))).toBe('x'.repeat(400))
  expect(printable('x'.repeat(401))).toBe(`${'x'.repeat(399)}…`)
  expect(printable(`${'x'.repeat(398)}😀y`)).toBe(`${'x'.repeat(398)}…`)
})

test('whatever the name, nothing is left that commands a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(printable(name)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

test('cuts by the columns that characters take', () => {
  expect(cutToColumns('four', 4)).toBe('four')
  expect(cutToColumns('fives', 4)).toBe('fiv…')
  expect(cutToColumns('日本語', 5)).toBe('日本…')
  expect(cutToColumns('日本語', 4)).toBe('日…')
  expect(cutToColumns('a b c', 3)).toBe('a…')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (line, columns) => {
      expect(stringWidth(cutToColumns(line, columns))).toBeLessThanOrEqual(columns)
    }),
  )
})

test('a path that was pasted into a shell is one argument', () => {
  expect(shellWord('.heapproof/a.test.ts/a-b', 'linux')).toBe('.heapproof/a.test.ts/a-b')
  expect(shellWord('.heapproof/a b/c', 'win32')).toBe('".heapproof/a b/c"')
  for (const path of ["it's $(here)", 'a`b`', 'a"b', 'a\\b', 'a&b;c', '*', '~/a', 'ü']) {
    const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellWord(path, 'linux')}`], { encoding: 'utf8' })
    expect(stdout).toBe(path)
  }
})
